// Campaigns, from the form to the shop page.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertAccessible, backgroundOf, button } from "./harness/admin.mjs";
import { Agent, launch, newContext, screenshot, Visitor } from "./harness/browser.mjs";
import { identityToken } from "./harness/identity.mjs";
import { Relay } from "./harness/relay.mjs";
import { shopPage, Site } from "./harness/site.mjs";

describe("campaigns", { timeout: 300_000 }, () => {
  let relay, shop, browser, ada, page;
  const pasted = {};

  before(async () => {
    relay = await Relay.start();
    shop = await Site.start("shop", (path) => ({ body: shopPage(pasted[path] ?? "") }));
    browser = await launch();
    ada = await Agent.signIn(await newContext(browser), relay);
    page = ada.page;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: relay.url });
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await relay?.stop();
  });

  const snippetOnScreen = () => page.getByLabel("The line to paste").innerText();
  const visit = async (path) => Visitor.at(await newContext(browser), shop.origin + path);

  // A campaign on screen, made without the screen for it, whose line is on this page of the shop.
  async function openCampaign(name, path) {
    await ada.ask("POST", "/api/campaigns", { name, channel: "webchat", allowed_origins: [shop.origin], appearance: {} });
    await page.goto(relay.url);
    await page.getByRole("link", { name: "Campaigns" }).click();
    await page.getByRole("link", { name }).click();
    pasted[path] = await snippetOnScreen();
  }

  test("a campaign is made on one screen, with a tester that says which pages it is for", async () => {
    await page.getByRole("link", { name: "Campaigns" }).click();
    await page.getByText("No campaigns yet").waitFor();
    await page.getByRole("link", { name: "New campaign" }).first().click();
    await page.getByLabel("Name", { exact: true }).fill("Summer sale");
    await page.getByLabel("Test an address").fill(`${shop.origin}/summer`);
    await button(page, "Check").click();
    await page.getByRole("status").getByText("Refused. The list is empty").waitFor();

    await page.getByLabel("Allowed origins").fill(`${shop.origin}/whatever`);
    await button(page, "Add").click();
    await page.getByRole("listitem").filter({ hasText: shop.origin }).waitFor();
    await button(page, "Check").click();
    await page.getByRole("status").getByText(`Allowed. ${shop.origin} is on the list.`).waitFor();
    await page.getByLabel("Test an address").fill(shop.origin.replace("http:", "https:"));
    await button(page, "Check").click();
    await page.getByRole("status").getByText("Scheme, host and port must be the same").waitFor();
    await button(page, "Create campaign").click();

    await page.getByRole("heading", { name: "Summer sale", level: 1 }).waitFor();
    await page.getByText("Not seen on any page yet").waitFor();
    pasted["/summer"] = await snippetOnScreen();
    const visitor = await visit("/summer");
    await visitor.open();
    await visitor.say("Is it summer yet?");
    await page.reload();
    await page.getByText(`Last seen on ${shop.origin}`).waitFor();
    await page.getByRole("link", { name: "Campaigns" }).first().click();
    await page.getByRole("listitem").filter({ hasText: "Summer sale" }).getByText("Live").waitFor();
    await visitor.page.context().close();
  });

  test("a page that is not allowed shows no widget", async () => {
    await openCampaign("Elsewhere", "/");
    await button(page, `Remove ${shop.origin}`).click();
    await page.getByLabel("Allowed origins").fill("https://www.example.com");
    await button(page, "Add").click();
    await button(page, "Save changes").click();
    await page.getByText("All changes are saved").waitFor();

    const visitor = await visit("/");
    await visitor.launcher.click();

    await visitor.launcher.waitFor({ state: "hidden" });
    await visitor.page.context().close();
  });

  test("the look is previewed while it is chosen and reaches visitors when it is saved", async () => {
    await openCampaign("A look of its own", "/look");
    const before = await visit("/look");
    const preview = page.getByRole("complementary", { name: "Preview" });
    const previewLauncher = preview.locator(".preview-launcher");

    await button(page, "Use #be185d").click();
    await page.getByRole("radio", { name: "Bottom left" }).check();
    await page.getByLabel("Title", { exact: true }).fill("Ask the mountain guides");
    await page.getByLabel("Welcome text").fill("Hello from the mountains");

    await preview.getByText("Ask the mountain guides").waitFor();
    await preview.getByText("Hello from the mountains").waitFor();
    assert.equal(await backgroundOf(previewLauncher), "rgb(190, 24, 93)");
    const [inPreview, around] = [await previewLauncher.boundingBox(), await preview.boundingBox()];
    assert.ok(inPreview.x < around.x + around.width / 2, "the preview's launcher is on the left");
    await page.getByText("You have unsaved changes").waitFor();
    assert.ok((await before.launcher.boundingBox()).x > 720, "nothing has reached visitors yet");

    await button(page, "Save changes").click();
    await page.getByText("All changes are saved").waitFor();
    const visitor = await visit("/look");
    assert.equal(await backgroundOf(visitor.launcher), "rgb(190, 24, 93)");
    assert.ok((await visitor.launcher.boundingBox()).x < 720, "the launcher is on the left");
    await visitor.open();
    await visitor.panel.getByText("Hello from the mountains").waitFor();
    await visitor.panel.getByText("Ask the mountain guides").waitFor();
    await screenshot(visitor.page, "widget-with-a-look");
    await Promise.all([before, visitor].map(({ page }) => page.context().close()));
  });

  test("changes can be discarded, and a colour that is none is refused in its place", async () => {
    await openCampaign("Second thoughts", "/thoughts");
    await page.getByLabel("Color", { exact: true }).fill("mauve");
    await page.getByText("Use six hexadecimal digits").waitFor();

    await button(page, "Discard").click();

    await page.getByText("All changes are saved").waitFor();
    assert.match(await page.getByLabel("Color", { exact: true }).inputValue(), /^#[0-9a-f]{6}$/);
  });

  test("the line to paste is copied by a button that says so", async () => {
    await openCampaign("To be copied", "/copied");

    await button(page, "Copy").click();

    await button(page, "Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await snippetOnScreen());
  });

  test("after a rotation the old line and the new one both work, until the old one is cut off", async () => {
    await openCampaign("To be rotated", "/old");
    await button(page, "Rotate key").click();
    const dialog = page.getByRole("dialog", { name: "Rotate key" });
    await dialog.getByRole("radio", { name: "1 more hour" }).check();
    await button(dialog, "Rotate key").click();
    await page.getByText(/The old key \S+ works until/).waitFor();
    pasted["/new"] = await snippetOnScreen();
    assert.notEqual(pasted["/new"], pasted["/old"]);

    for (const path of ["/old", "/new"]) {
      const visitor = await visit(path);
      await visitor.open();
      await visitor.say(`Written on ${path}`);
      await visitor.page.context().close();
    }

    await button(page, "Rotate key").click();
    await dialog.getByRole("radio", { name: "Not at all: stop it now" }).check();
    await button(dialog, "Rotate key").click();
    await dialog.waitFor({ state: "hidden" });
    const late = await (await newContext(browser)).newPage();
    const said = late.waitForEvent("console", (message) => message.text().includes("no longer works"));
    await late.goto(`${shop.origin}/new`);
    await said;
    assert.equal(await new Visitor(late).launcher.count(), 0);
    await late.context().close();
  });

  test("revoking the key takes the widget from every page at once", async () => {
    await openCampaign("To be revoked", "/revoked");
    const visitor = await visit("/revoked");
    await visitor.open();
    await visitor.say("Still talking");

    await button(page, "Revoke key").click();
    await button(page.getByRole("dialog"), "Keep the key").click();
    await button(page, "Revoke key").click();
    await button(page.getByRole("dialog"), "Revoke key").click();

    await page.getByText("The key is revoked").waitFor();
    await visitor.launcher.waitFor({ state: "hidden" });
    await button(page, "Make a new key").click();
    await button(page.getByRole("dialog"), "Rotate key").click();
    pasted["/revoked"] = await snippetOnScreen();
    await visitor.page.reload();
    await visitor.launcher.waitFor();
    await visitor.page.context().close();
  });

  test("the identity secret is shown once, replaced and removed, and only verified visitors may be let in", async () => {
    await openCampaign("For customers", "/customers");
    const only = page.getByRole("switch", { name: "Only verified visitors" });
    const secretOnScreen = (dialog) => dialog.getByLabel("Identity secret", { exact: true }).innerText();
    await page.getByText("There is no secret yet").waitFor();
    assert.ok(await only.isDisabled());

    await button(page, "Make a secret").click();
    const making = page.getByRole("dialog", { name: "Make a secret" });
    await assertAccessible(page, "identity-make");
    await button(making, "Make it").click();
    const shown = page.getByRole("dialog", { name: "Identity secret" });
    const secret = await secretOnScreen(shown);
    assert.match(secret, /^ids_[\w-]{43}$/);
    await assertAccessible(page, "identity-secret");
    await button(shown, "Copy secret").click();
    await button(shown, "Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await button(shown, "Done").click();
    await page.getByText("There is a secret").waitFor();
    assert.ok(!(await page.content()).includes(secret), "the secret is nowhere on the page any more");

    await only.check();
    await page.getByText("Saved", { exact: true }).first().waitFor();
    const campaign = await page.getByLabel("Campaign id", { exact: true }).innerText();
    const settings = (token) => `<script>window.RoostSettings = { identityToken: ${JSON.stringify(token)} }</script>`;
    const snippet = pasted["/customers"];
    pasted["/anybody"] = snippet;
    pasted["/customers"] = settings(identityToken({ campaign, secret }, { sub: "u-1" })) + snippet;
    const stranger = await visit("/anybody");
    await stranger.launcher.click();
    await stranger.launcher.waitFor({ state: "hidden" });
    const customer = await visit("/customers");
    await customer.open();
    await customer.say("You know me");

    await button(page, "Replace the secret").click();
    await button(page.getByRole("dialog", { name: "Replace the secret" }), "Make it").click();
    const next = await secretOnScreen(shown);
    assert.notEqual(next, secret);
    await button(shown, "Done").click();
    const late = await visit("/customers");
    await late.launcher.click();
    await late.launcher.waitFor({ state: "hidden" });

    await button(page, "Remove the secret").click();
    const removing = page.getByRole("dialog", { name: "Remove the secret" });
    await removing.getByText("without a secret nobody can be verified").waitFor();
    await button(removing, "Keep the secret").click();
    await only.uncheck();
    await button(page, "Remove the secret").click();
    await button(removing, "Remove the secret").click();
    await page.getByText("There is no secret yet").waitFor();
    await page.reload();
    await page.getByText("There is no secret yet").waitFor();
    assert.ok(!(await only.isChecked()));
    await Promise.all([stranger, customer, late].map(({ page }) => page.context().close()));
  });

  test("a deleted campaign is gone from the list and from the pages", async () => {
    await openCampaign("To be kept", "/kept");
    await openCampaign("To be deleted", "/deleted");
    const visitor = await visit("/deleted");
    await visitor.open();
    await visitor.say("Still here");
    await button(page, "Delete campaign").click();
    await button(page.getByRole("dialog"), "Delete campaign").click();

    await page.getByRole("heading", { name: "Campaigns", level: 1 }).waitFor();
    await page.getByRole("link", { name: "To be kept" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "To be deleted" }).count(), 0);
    await visitor.launcher.waitFor({ state: "hidden" });
    // The loader may come from the browser's cache for a minute; whoever comes anew gets none.
    await visitor.page.reload();
    await visitor.launcher.waitFor({ state: "hidden" });
    const newcomer = await (await newContext(browser)).newPage();
    await newcomer.goto(`${shop.origin}/deleted`);
    assert.equal(await new Visitor(newcomer).launcher.count(), 0);
    await Promise.all([newcomer, visitor.page].map((page) => page.context().close()));
  });
});
