// Inviting people, and what each role may do.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, BO, button, CAY, fillSignIn } from "./harness/admin.mjs";
import { Agent, launch, newContext } from "./harness/browser.mjs";
import { OWNER, Relay } from "./harness/relay.mjs";

describe("people", { timeout: 300_000 }, () => {
  let relay, browser, ada, page, context;

  before(async () => {
    relay = await Relay.start();
    browser = await launch();
    ada = await Agent.signIn(await newContext(browser), relay);
    page = ada.page;
    await ada.ask("POST", "/api/campaigns", { name: "Shop", channel: "webchat", allowed_origins: [], appearance: {} });
    const bo = await Agent.join(await newContext(browser), relay, await ada.invite(BO.email, "agent"), BO);
    await bo.page.context().close();
  });
  after(async () => {
    await browser?.close();
    await relay?.stop();
  });
  beforeEach(async () => {
    context = await newContext(browser);
    await page.goto(relay.url);
    await page.getByRole("link", { name: "People" }).click();
    await page.getByRole("row", { name: OWNER.name }).waitFor();
  });
  afterEach(() => context.close());

  const row = (person) => page.getByRole("row", { name: person.name });

  test("somebody is invited by a link, which works once", async () => {
    await button(page, "Invite a person").click();
    const dialog = page.getByRole("dialog", { name: "Invite a person" });
    await dialog.getByLabel("Email").fill(CAY.email);
    await dialog.getByLabel("Role").selectOption("agent");
    await button(dialog, "Make the link").click();
    const link = await dialog.getByLabel("Invitation link").innerText();
    await button(dialog, "Done").click();
    await page.getByText(CAY.email).waitFor();

    const invited = await context.newPage();
    await invited.goto(link);
    await invited.getByRole("heading", { name: "Join Northwind Outdoor" }).waitFor();
    assert.equal(await invited.getByLabel("Email").inputValue(), CAY.email);
    assert.doesNotMatch(invited.url(), /token|#/);
    await assertAccessible(invited, "join");
    await Agent.join(context, relay, link, CAY);

    await page.reload();
    await row(CAY).getByText("Online").waitFor();
    const late = await (await newContext(browser)).newPage();
    await late.goto(link);
    await late.getByText("This invitation does not work").waitFor();
    await late.context().close();
  });

  test("somebody who forgot the password sets a new one by a link", async () => {
    const dee = { name: "Dee Lind", email: "dee@example.com", password: "otter-lantern-17-moss" };
    const password = "heron-tunnel-93-kite";
    const joined = await Agent.join(await newContext(browser), relay, await ada.invite(dee.email, "agent"), dee);
    await joined.page.context().close();
    await page.reload();
    await button(row(dee), "Password link").click();
    const dialog = page.getByRole("dialog", { name: `A new password for ${dee.name}` });
    const link = await dialog.getByLabel("Password link").innerText();
    await button(dialog, "Done").click();

    const forgetful = await context.newPage();
    await forgetful.goto(link);
    await forgetful.getByRole("heading", { name: "Set a new password" }).waitFor();
    assert.doesNotMatch(forgetful.url(), /token|#/);
    await assertAccessible(forgetful, "reset");
    await forgetful.getByLabel("New password").fill("short");
    await button(forgetful, "Set a new password").click();
    await forgetful.getByText("12 to 1,024 bytes").waitFor();
    await forgetful.getByLabel("New password").fill(password);
    await button(forgetful, "Set a new password").click();

    await fillSignIn(forgetful, dee.email, password);
    await forgetful.getByRole("navigation", { name: "Sections" }).waitFor();
  });

  test("an invitation can be withdrawn", async () => {
    const link = await ada.invite("never@example.com", "agent");
    await page.reload();
    await button(page, "Withdraw the invitation of never@example.com").click();
    await page.getByText("Invitation withdrawn").waitFor();

    const invited = await context.newPage();
    await invited.goto(link);

    await invited.getByText("This invitation does not work").waitFor();
  });

  // Gives Bo a role; the page they open next knows it.
  async function makeBo(role) {
    await row(BO).getByRole("combobox", { name: `Role of ${BO.name}` }).selectOption(role);
    await page.getByText(`${BO.name} is updated`).waitFor();
    return Agent.signIn(context, relay, BO);
  }

  test("an agent sees colleagues but invites and changes nobody", async () => {
    const bo = await makeBo("agent");
    await bo.page.getByRole("link", { name: "People" }).click();

    await bo.page.getByText("Only owners and admins can invite people").waitFor();
    await bo.page.getByRole("row", { name: OWNER.name }).waitFor();
    assert.equal(await button(bo.page, "Invite a person").count(), 0);
    assert.equal(await button(bo.page, "Deactivate").count(), 0);
    assert.equal(await bo.page.getByRole("combobox").count(), 0);
    assert.equal((await bo.ask("POST", "/api/people/invites", { email: "eve@example.com", role: "owner" })).status, 403);
  });

  test("an agent is told that campaigns are not theirs", async () => {
    const bo = await makeBo("agent");
    const campaigns = bo.page.url().replace(/inbox.*/, "campaigns");
    await bo.page.goto(`${campaigns}/new`);
    await bo.page.getByText("You cannot do this").waitFor();
    await bo.page.goto(campaigns);

    await bo.page.getByText("You cannot do this").waitFor();
    assert.equal(await button(bo.page, "Try again").count(), 0);
  });

  test("a supervisor sees campaigns but changes none", async () => {
    const bo = await makeBo("supervisor");
    await bo.page.getByRole("link", { name: "Campaigns" }).click();
    await bo.page.getByRole("link", { name: "Shop" }).click();

    await bo.page.getByText("Only owners and admins can change campaigns").waitFor();
    await bo.page.getByLabel("The line to paste").waitFor();
    assert.ok(await bo.page.getByLabel("Name", { exact: true }).isDisabled());
    for (const name of ["Save changes", "Rotate key", "Revoke key", "Delete campaign"]) {
      assert.equal(await button(bo.page, name).count(), 0, name);
    }
  });

  test("an admin changes campaigns and people, but no owner", async () => {
    const bo = await makeBo("admin");
    await bo.page.getByRole("link", { name: "Campaigns" }).click();
    await bo.page.getByRole("link", { name: "New campaign" }).waitFor();
    await bo.page.getByRole("link", { name: "Shop" }).click();
    await button(bo.page, "Rotate key").waitFor();
    assert.ok(await bo.page.getByLabel("Name", { exact: true }).isEnabled());
    await bo.page.getByRole("link", { name: "People" }).click();
    await button(bo.page, "Invite a person").waitFor();

    await bo.page.getByRole("row", { name: OWNER.name }).waitFor();
    assert.equal(await button(bo.page.getByRole("row", { name: OWNER.name }), "Deactivate").count(), 0);
  });

  test("somebody deactivated is signed out at once, and let in again when reactivated", async () => {
    const bo = await Agent.signIn(context, relay, BO);
    await button(row(BO), "Deactivate").click();
    await button(page.getByRole("dialog"), "Deactivate").click();

    await button(bo.page, "Sign in").waitFor();
    await row(BO).getByText("Deactivated").waitFor();
    await fillSignIn(bo.page, BO.email, BO.password);
    await bo.page.getByRole("alert").getByText("is not right").waitFor();
    await button(row(BO), "Reactivate").click();
    await button(row(BO), "Deactivate").waitFor();
    await fillSignIn(bo.page, BO.email, BO.password);
    await bo.page.getByRole("navigation", { name: "Sections" }).waitFor();
  });
});
