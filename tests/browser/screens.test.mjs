// Every screen of the admin app: fit for everybody, at both widths, light and dark.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, BO, button, CAY, inboxOf } from "./harness/admin.mjs";
import { Agent, newContext, Visitor } from "./harness/browser.mjs";
import { OWNER } from "./harness/relay.mjs";
import { World } from "./harness/world.mjs";

describe("screens for everybody", { timeout: 300_000 }, () => {
  let world, relay, shop, browser, ada, page;

  before(async () => {
    world = await World.start();
    ({ relay, shop, browser } = world);
    ada = await Agent.signIn(await newContext(browser), relay);
    page = ada.page;
    const visitor = await Visitor.at(await newContext(browser), shop.origin);
    await visitor.open();
    await visitor.say("Can everybody read this?");
    await visitor.page.context().close();
    const bo = await Agent.join(await newContext(browser), relay, await ada.invite(BO.email, "agent"), BO);
    await bo.page.context().close();
    await ada.invite(CAY.email, "admin");
  });
  after(() => world?.stop());
  beforeEach(async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(relay.url);
  });

  const details = () => page.getByRole("complementary", { name: "Details" });

  test("the list has nothing axe objects to", async () => {
    await ada.row("Can everybody read this?").waitFor();
    await assertAccessible(page, "inbox-list");
  });

  test("a list without conversations has nothing axe objects to", async () => {
    await ada.tab("Mine").click();
    await ada.list.getByText("Nothing open is assigned to you").waitFor();
    await assertAccessible(page, "inbox-empty");
  });

  test("the thread has nothing axe objects to", async () => {
    await ada.open("Can everybody read this?");
    await ada.answer("Everybody can");
    await button(page, "Note").click();
    await ada.noteComposer.fill("Even notes");
    await ada.noteComposer.press("Enter");
    await ada.bubble("Even notes").waitFor();
    await ada.noteComposer.fill("and one that is being written");
    await assertAccessible(page, "inbox-thread-note");
    await ada.noteComposer.fill("");
    await button(page, "Reply").click();
    await assertAccessible(page, "inbox-thread");
  });

  test("the menus above a thread have nothing axe objects to", async () => {
    await ada.list.locator(".row").getByRole("link").click();
    for (const [menu, item] of [["Assign", "Nobody"], ["Status: Open", "Pending"]]) {
      await button(page, menu).click();
      await page.getByRole("menu").getByText(item).waitFor();
      await assertAccessible(page, `inbox-menu-${item}`);
      await page.keyboard.press("Escape");
    }
  });

  test("the details have nothing axe objects to", async () => {
    await ada.list.locator(".row").getByRole("link").click();
    await details().getByText("Where they are").waitFor();
    await assertAccessible(page, "inbox-details", async () => {
      if (!(await details().isVisible())) await button(page, "Show details").click();
    });
  });

  test("the keyboard sheet has nothing axe objects to", async () => {
    await inboxOf(page).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await assertAccessible(page, "keyboard-sheet");
  });

  test("campaigns, the editor and a new campaign have nothing axe objects to", async () => {
    await page.getByRole("link", { name: "Campaigns" }).click();
    await page.getByRole("link", { name: "Shop" }).waitFor();
    await assertAccessible(page, "campaigns");
    await page.getByRole("link", { name: "Shop" }).click();
    await page.getByLabel("The line to paste").waitFor();
    await assertAccessible(page, "campaign");
    await button(page, "Rotate key").click();
    await page.getByRole("dialog", { name: "Rotate key" }).waitFor();
    await assertAccessible(page, "campaign-rotate");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Campaigns" }).first().click();
    await page.getByRole("link", { name: "New campaign" }).click();
    await button(page, "Create campaign").waitFor();
    await page.getByLabel("Test an address").fill("https://www.example.com");
    await button(page, "Check").click();
    await page.getByText("Refused.").waitFor();
    await assertAccessible(page, "campaign-new");
  });

  test("people and invitations have nothing axe objects to", async () => {
    await page.getByRole("link", { name: "People" }).click();
    await page.getByText(CAY.email).waitFor();
    await page.getByRole("row", { name: BO.name }).waitFor();
    await assertAccessible(page, "people");
    await button(page, "Invite a person").click();
    await page.getByRole("dialog").getByLabel("Email").waitFor();
    await assertAccessible(page, "people-invite");
  });

  test("people say in words whether they are here, on a phone too", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("link", { name: "People" }).click();

    await page.getByRole("row", { name: OWNER.name }).getByText("Online", { exact: true }).waitFor();
    await page.getByRole("row", { name: BO.name }).getByText(/^(Online|Offline)$/).waitFor();
  });

  test("settings have nothing axe objects to", async () => {
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
    await assertAccessible(page, "settings");
  });
});
