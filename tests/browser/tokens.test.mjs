// API tokens on the settings page: made, used by a program, revoked.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, BO, button } from "./harness/admin.mjs";
import { Agent, launch, newContext } from "./harness/browser.mjs";
import { OWNER, Relay } from "./harness/relay.mjs";

describe("API tokens", { timeout: 300_000 }, () => {
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
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: relay.url });
    ({ page } = await Agent.signIn(context, relay));
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "API tokens" }).waitFor();
  });
  afterEach(() => context.close());

  const row = (name) => page.locator(".token").filter({ hasText: name });
  // As a program does it, far from any browser.
  const ask = (path, token) => fetch(`http://127.0.0.1:${relay.port}${path}`, { headers: { authorization: `Bearer ${token}` } });

  // Opens the form for a new token of this name.
  async function begin(name) {
    await button(page, "New token").click();
    const dialog = page.getByRole("dialog", { name: "New token" });
    await dialog.getByLabel("Name").fill(name);
    return dialog;
  }

  // Makes the token that was begun and gives its text.
  async function make(dialog) {
    await button(dialog, "Create token").click();
    return dialog.getByLabel("The token", { exact: true }).innerText();
  }

  test("a token is shown once, opens what was asked for and nothing else, and is refused once revoked", async () => {
    await page.getByText("No tokens yet").waitFor();
    await assertAccessible(page, "tokens-none");

    const form = await begin("Shop export");
    assert.ok(await form.getByRole("checkbox", { name: "Read conversations" }).isChecked());
    await form.getByLabel("Works for").selectOption("Until it is revoked");
    await assertAccessible(page, "tokens-form");
    const token = await make(form);
    assert.match(token, /^rst_/);
    await assertAccessible(page, "tokens-text");
    await button(form, "Copy token").click();
    await button(form, "Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
    await button(form, "Done").click();
    await row("Shop export").getByText("never used").waitFor();
    await row("Shop export").getByText("lasts until revoked").waitFor();
    await row("Shop export").getByText(token.slice(0, 8)).waitFor();
    await row("Shop export").getByText(`Made by ${OWNER.name}`).waitFor();
    assert.ok(!(await page.content()).includes(token), "the token is nowhere on the page any more");
    await assertAccessible(page, "tokens");

    assert.deepEqual((await (await ask("/api/conversations", token)).json()).items, []);
    assert.equal((await ask("/api/campaigns", token)).status, 403);
    await page.reload();
    await row("Shop export").getByText("last used").waitFor();

    await button(page, "Revoke the token Shop export").click();
    const dialog = page.getByRole("dialog", { name: "Revoke Shop export?" });
    await assertAccessible(page, "tokens-revoke");
    await button(dialog, "Keep the token").click();
    assert.equal((await ask("/api/conversations", token)).status, 200);
    await button(page, "Revoke the token Shop export").click();
    await button(dialog, "Revoke token").click();
    await page.getByText("Shop export is revoked").waitFor();
    await row("Shop export").waitFor({ state: "detached" });

    assert.equal((await ask("/api/conversations", token)).status, 401);
  });

  test("each scope opens its part, and the end is said", async () => {
    const form = await begin("Settings reader");
    await form.getByRole("checkbox", { name: "Read conversations" }).uncheck();
    await form.getByRole("checkbox", { name: "Read settings" }).check();
    await form.getByLabel("Works for").selectOption("30 days");
    const token = await make(form);
    await button(form, "Done").click();

    assert.equal((await ask("/api/campaigns", token)).status, 200);
    assert.equal((await ask("/api/conversations", token)).status, 403);
    await row("Settings reader").getByText(/expires on \d+ \w+ 20\d\d/).waitFor();
    await row("Settings reader").getByRole("listitem").filter({ hasText: "Read settings" }).waitFor();
  });

  test("a token for nothing is refused in its place", async () => {
    const form = await begin("Good for nothing");
    await form.getByRole("checkbox", { name: "Read conversations" }).uncheck();
    await button(form, "Create token").click();

    await form.getByRole("group", { name: "What the program may do" }).getByRole("alert").getByText("at least one scope").waitFor();
    assert.equal(await form.locator(".notice").count(), 0, "the error is said once");
  });

  test("a list that cannot be had says so, and can be asked for again", async () => {
    await page.route("**/api/tokens?*", (route) => route.abort());
    await page.getByRole("link", { name: "Inbox" }).click();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("We could not load the API tokens").waitFor();
    await page.unroute("**/api/tokens?*");

    await button(page, "Try again").click();

    await page.getByText("We could not load the API tokens").waitFor({ state: "detached" });
    await button(page, "New token").waitFor();
  });

  test("an agent sees no tokens", async () => {
    const ada = new Agent(page, relay);
    const elsewhere = await newContext(browser);
    const bo = await Agent.join(elsewhere, relay, await ada.invite(BO.email, "agent"), BO);
    await bo.page.getByRole("link", { name: "Settings" }).click();
    await bo.page.getByRole("heading", { name: "This browser" }).waitFor();

    assert.equal(await bo.page.getByRole("heading", { name: "API tokens" }).count(), 0);
    await elsewhere.close();
  });
});
