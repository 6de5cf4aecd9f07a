// What a person sets for themselves.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { backgroundOf, button, fillSignIn } from "./harness/admin.mjs";
import { Agent, newContext, Visitor } from "./harness/browser.mjs";
import { OWNER } from "./harness/relay.mjs";
import { World } from "./harness/world.mjs";

describe("settings", { timeout: 300_000 }, () => {
  let world, relay, shop, browser, context, ada, page;

  before(async () => {
    world = await World.start();
    ({ relay, shop, browser } = world);
  });
  after(() => world?.stop());
  beforeEach(async () => {
    context = await newContext(browser);
    ada = await Agent.signIn(context, relay);
    page = ada.page;
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  });
  afterEach(() => context.close());

  test("a new name is kept and is what visitors see", async () => {
    assert.ok(await button(page, "Save name").isDisabled());
    await page.getByLabel("Your name").fill("Ada of the mountains");
    await button(page, "Save name").click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.reload();
    await page.getByLabel("Your name").waitFor();
    assert.equal(await page.getByLabel("Your name").inputValue(), "Ada of the mountains");

    const visitor = await Visitor.at(await newContext(browser), shop.origin);
    await visitor.open();
    await visitor.say("Who is there?");
    await page.getByRole("link", { name: "Inbox" }).click();
    await ada.open("Who is there?");
    await ada.answer("It is me");

    await visitor.bubble("It is me").waitFor();
    await visitor.log.getByText("Ada of the mountains").first().waitFor();
    await visitor.page.context().close();
  });

  test("visitors see at once whether somebody is available", async () => {
    const visitor = await Visitor.at(await newContext(browser), shop.origin);
    await visitor.open();
    await visitor.panel.getByText("We are here").waitFor();

    await page.getByRole("radio", { name: "Appear offline" }).check();

    await visitor.panel.getByText("Away just now").waitFor();
    await page.reload();
    await page.getByRole("radio", { name: "Appear offline", checked: true }).waitFor();
    await page.getByRole("radio", { name: "Available" }).check();
    await visitor.panel.getByText("We are here").waitFor();
    await visitor.page.context().close();
  });

  test("a theme is chosen for this browser and kept", async () => {
    const light = await backgroundOf(page.locator("body"));
    await page.getByRole("radio", { name: "Dark" }).check();
    const dark = await backgroundOf(page.locator("body"));
    assert.notEqual(dark, light);

    await page.reload();
    await page.getByRole("radio", { name: "Dark", checked: true }).waitFor();
    assert.equal(await backgroundOf(page.locator("body")), dark);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByRole("radio", { name: "Light" }).check();
    assert.equal(await backgroundOf(page.locator("body")), light);
  });

  test("messages can be sent with Ctrl and Enter instead", async () => {
    await page.getByRole("radio", { name: "Ctrl + Enter" }).check();
    const visitor = await Visitor.at(await newContext(browser), shop.origin);
    await visitor.open();
    await visitor.say("Two lines, please");
    await page.getByRole("link", { name: "Inbox" }).click();
    await ada.open("Two lines, please");

    await ada.composer.pressSequentially("One");
    await ada.composer.press("Enter");
    await ada.composer.pressSequentially("Two");
    assert.equal(await ada.composer.inputValue(), "One\nTwo");
    await ada.composer.press("Control+Enter");

    await visitor.bubble("Two").filter({ hasText: "One" }).waitFor();
    await visitor.page.context().close();
  });

  test("a new password needs the old one, and signs out everywhere else", async () => {
    const elsewhere = await Agent.signIn(await newContext(browser), relay);
    const fresh = "heron-lantern-62-dune";
    await page.getByLabel("Current password").fill("not-the-password");
    await page.getByLabel("New password").fill(fresh);
    await button(page, "Change password").click();
    await page.locator(".field[data-state=error]").filter({ hasText: "Current password" }).waitFor();

    await page.getByLabel("Current password").fill(OWNER.password);
    await button(page, "Change password").click();

    await page.getByText("Password changed").waitFor();
    await button(elsewhere.page, "Sign in").waitFor();
    await fillSignIn(elsewhere.page, OWNER.email, OWNER.password);
    await elsewhere.page.getByRole("alert").getByText("is not right").waitFor();
    await fillSignIn(elsewhere.page, OWNER.email, fresh);
    await elsewhere.page.getByRole("navigation", { name: "Sections" }).waitFor();
    await page.getByLabel("Current password").fill(fresh);
    await page.getByLabel("New password").fill(OWNER.password);
    await button(page, "Change password").click();
    await button(elsewhere.page, "Sign in").waitFor();
    await elsewhere.page.context().close();
  });
});
