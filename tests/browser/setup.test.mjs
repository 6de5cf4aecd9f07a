// An empty installation becomes one that works, on one page.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, button, fillSignIn, inboxOf } from "./harness/admin.mjs";
import { launch, newContext, Visitor } from "./harness/browser.mjs";
import { OWNER, Relay } from "./harness/relay.mjs";
import { shopPage, Site } from "./harness/site.mjs";

describe("set-up", { timeout: 300_000 }, () => {
  let relay, shop, browser, context, page, snippet;

  before(async () => {
    relay = await Relay.startEmpty();
    shop = await Site.start("shop", () => ({ body: shopPage(snippet) }));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await relay?.stop();
  });
  beforeEach(async () => {
    context = await newContext(browser);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  test("a new installation asks for its link, and shows nothing else", async () => {
    await page.goto(relay.url);

    await page.getByText("Set-up needs its link").waitFor();
  });

  test("a password too weak is refused in its place, and what was typed stays", async () => {
    await page.goto(relay.setupLink);
    await page.getByLabel("Your name").fill(OWNER.name);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill("short");
    await page.getByLabel("Workspace").fill("Northwind Outdoor");
    await button(page, "Set up Roost").click();

    await page.locator(".field[data-state=error]").filter({ hasText: "Password" }).waitFor();
    assert.equal(await page.getByLabel("Email").inputValue(), OWNER.email);
  });

  test("a site that is none is refused in its place", async () => {
    await page.goto(relay.setupLink);
    await page.getByLabel("Your name").fill(OWNER.name);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByLabel("Workspace").fill("Northwind Outdoor");
    await page.getByLabel("Your website").fill(`${shop.origin}/cart`);
    await button(page, "Set up Roost").click();

    await page.locator(".field[data-state=error]").filter({ hasText: "Your website" }).getByText("more than scheme").waitFor();
    assert.equal(await page.locator(".notice").count(), 0, "the error is said once");
  });

  test("set-up has nothing axe objects to", async () => {
    await page.goto(relay.setupLink);
    await page.getByLabel("Your name").waitFor();

    await assertAccessible(page, "set-up");
  });

  test("one page makes the owner, the workspace and a widget that works", async () => {
    await page.goto(relay.setupLink);
    await page.getByLabel("Your name").fill(OWNER.name);
    assert.doesNotMatch(page.url(), /token/);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByLabel("Workspace").fill("Northwind Outdoor");
    await page.getByLabel("Your website").fill(shop.origin);
    await button(page, "Set up Roost").click();
    await page.getByRole("heading", { name: "Roost is ready" }).waitFor();
    await assertAccessible(page, "set-up-done");
    snippet = await page.locator("code").innerText();

    const visitor = await Visitor.at(await newContext(browser), shop.origin);
    await visitor.open();
    await visitor.say("Is this thing on?");
    await page.getByRole("link", { name: "Go to the inbox" }).click();
    await inboxOf(page).getByText("Is this thing on?").waitFor();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("Owner in Northwind Outdoor").waitFor();
    await visitor.page.context().close();
  });

  test("the link works only once", async () => {
    await page.goto(relay.setupLink);

    await page.getByText("This Roost is already set up").waitFor();
    await page.getByRole("link", { name: "Sign in" }).click();
    await fillSignIn(page, OWNER.email, OWNER.password);
    await inboxOf(page).waitFor();
  });
});
