// The admin app: setting up, signing in, campaigns, people and settings; and that nobody is kept out of any screen.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Agent, Visitor, launch, newContext, screenshot, violations } from "./harness/browser.mjs";
import { OWNER, Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";

const BO = { name: "Bo Winther", email: "bo@example.com", password: "kestrel-anvil-31-rope" };
const CAY = { name: "Cay Holm", email: "cay@example.com", password: "walrus-ember-58-tile" };
const LOOKS = [1440, 390].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ width, colorScheme })));

// Looks at a screen wide and narrow, light and dark. `ready` brings it back to what is to be seen after a change of size.
async function assertAccessible(page, name, ready = async () => {}) {
  const before = page.viewportSize();
  const found = [];
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await ready();
    await screenshot(page, `${name}-${width}-${colorScheme}`);
    for (const line of await violations(page)) found.push(`${name} ${width} ${colorScheme}: ${line}`);
    const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
    if (sideways > 0 || (await page.evaluate(() => window.innerWidth)) > width) found.push(`${name} ${width}: the page scrolls sideways`);
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null });
  assert.deepEqual(found, []);
}

async function fillSignIn(page, email, password) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const inboxOf = (page) => page.getByRole("region", { name: "Conversations" });
const backgroundOf = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);

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

describe("settings", { timeout: 300_000 }, () => {
  let relay, shop, browser, context, ada, page;

  before(async () => {
    relay = await Relay.start();
    let snippet = "";
    shop = await Site.start("shop", () => ({ body: shopPage(snippet) }));
    ({ snippet } = await relay.createWidget("Shop", shop.origin));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await relay?.stop();
  });
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

describe("screens for everybody", { timeout: 300_000 }, () => {
  let relay, shop, browser, ada, page;

  before(async () => {
    relay = await Relay.start();
    let snippet = "";
    shop = await Site.start("shop", () => ({ body: shopPage(snippet) }));
    ({ snippet } = await relay.createWidget("Shop", shop.origin));
    browser = await launch();
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
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await relay?.stop();
  });
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
