// Coming in, going out, and where one lands.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, button, fillSignIn, inboxOf } from "./harness/admin.mjs";
import { Agent, launch, newContext } from "./harness/browser.mjs";
import { OWNER, Relay } from "./harness/relay.mjs";

describe("signing in", { timeout: 300_000 }, () => {
  let relay, browser, context, page;

  before(async () => {
    relay = await Relay.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await relay?.stop();
  });
  beforeEach(async () => {
    context = await newContext(browser);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  test("a wrong password is said, and the right one lets in", async () => {
    await page.goto(relay.url);
    await fillSignIn(page, OWNER.email, "not-the-password");
    await page.getByRole("alert").getByText("E-mail address or password is not right.").waitFor();
    assert.match(page.url(), /\/login$/);

    await fillSignIn(page, OWNER.email, OWNER.password);

    await inboxOf(page).waitFor();
  });

  test("signing in leads to where one was going", async () => {
    const agent = await Agent.signIn(context, relay);
    const { workspace } = await agent.ask("GET", "/api/me");
    for (const place of ["people", "inbox/mine/snoozed", "inbox/all/open?q=blue%20tent"]) {
      const newcomer = await (await newContext(browser)).newPage();
      const wanted = `${relay.url}/workspace/${workspace.id}/${place}`;
      await newcomer.goto(wanted);
      await fillSignIn(newcomer, OWNER.email, OWNER.password);
      await newcomer.getByRole("navigation", { name: "Sections" }).waitFor();
      assert.equal(newcomer.url(), wanted);
      await newcomer.context().close();
    }
  });

  test("after signing out every screen asks for the sign-in again", async () => {
    const agent = await Agent.signIn(context, relay);
    await agent.page.getByRole("link", { name: "Settings" }).click();
    const settings = agent.page.url();
    await button(agent.page, "Sign out").click();
    await button(agent.page, "Sign in").waitFor();

    for (const address of [relay.url, settings, settings.replace("settings", "people")]) {
      await agent.page.goto(address);
      await button(agent.page, "Sign in").waitFor();
    }
  });

  test("every screen has an address of its own, which can be reloaded and gone back to", async () => {
    const { page } = await Agent.signIn(context, relay);
    for (const [link, address] of [["Campaigns", "campaigns"], ["People", "people"], ["Settings", "settings"], ["Inbox", "inbox/all/open"]]) {
      await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: link }).click();
      await page.waitForURL(new RegExp(`/workspace/[0-9a-f-]{36}/${address}$`));
      await page.getByRole("heading", { name: link, level: 1 }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: link, level: 1 }).waitFor();
    }
    await page.goBack();
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  });

  test("an address that leads nowhere says so and leads back", async () => {
    const { page } = await Agent.signIn(context, relay);
    await page.goto(page.url().replace(/inbox.*/, "basement"));
    await page.getByText("There is nothing at this address").waitFor();

    await page.getByRole("link", { name: "Go to the inbox" }).click();

    await inboxOf(page).waitFor();
  });

  test("German browsers are spoken to in German", async () => {
    const german = await newContext(browser, { locale: "de-DE" });
    const page = await german.newPage();
    await page.goto(relay.url);

    await page.getByRole("button", { name: "Anmelden" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    await german.close();
  });

  test("sign-in has nothing axe objects to", async () => {
    await page.goto(relay.url);
    await page.getByLabel("Email").waitFor();

    await assertAccessible(page, "sign-in");
  });
});
