// Agents at work: finding, reading, sorting and answering conversations, on every size of screen and over bad connections.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Agent, PHONE, Visitor, launch, newContext, screenshot } from "./harness/browser.mjs";
import { OWNER, Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";

const BO = { name: "Bo Winther", email: "bo@example.com", password: "kestrel-anvil-31-rope" };
const CAY = { name: "Cay Holm", email: "cay@example.com", password: "walrus-ember-58-tile" };

// A relay, a shop with its widget, and contexts that end with each test.
class World {
  static async start() {
    const world = new World();
    world.contexts = [];
    world.relay = await Relay.start();
    let snippet = "";
    world.shop = await Site.start("shop", () => ({ body: shopPage(snippet) }));
    ({ snippet } = await world.relay.createWidget("Shop", world.shop.origin));
    world.browser = await launch();
    return world;
  }

  async stop() {
    await this.browser?.close();
    await this.shop?.stop();
    await this.relay?.stop();
  }

  async context(options) {
    const context = await newContext(this.browser, options);
    this.contexts.push(context);
    return context;
  }

  async endContexts() {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  async agent(options) {
    return Agent.signIn(await this.context(options), this.relay);
  }

  // Somebody new who writes these messages, one after the other.
  async visitorWho(...texts) {
    const visitor = await Visitor.at(await this.context(), this.shop.origin);
    await visitor.open();
    for (const text of texts) await visitor.say(text);
    return visitor;
  }
}

const sidewaysScroll = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);

// Whether the whole of an element is inside the window.
async function isInSight(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  const window = locator.page().viewportSize();
  return x >= 0 && y >= 0 && x + width <= window.width && y + height <= window.height;
}

const isCurrent = (agent, text) => agent.list.locator(".row[data-selected]").filter({ hasText: text });

describe("inbox", { timeout: 300_000 }, () => {
  let world;

  before(async () => {
    world = await World.start();
  });
  after(() => world?.stop());
  afterEach(() => world.endContexts());

  test("an agent whose computer slept finds everything that was written meanwhile, without a reload", async () => {
    const visitor = await world.visitorWho("Written before the sleep");
    const agent = await world.agent();
    await agent.open("Written before the sleep");
    await agent.page.evaluate(() => (window.isSamePage = true));
    const devtools = await agent.page.context().newCDPSession(agent.page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });

    await world.relay.crash();
    await world.relay.resume();
    await visitor.say("Written during the sleep");
    await visitor.say("And once more");
    await world.visitorWho("Somebody new at night");
    await devtools.send("Page.setWebLifecycleState", { state: "active" });

    await agent.bubble("And once more").waitFor();
    await agent.row("Somebody new at night").waitFor();
    assert.equal(await agent.bubble("Written during the sleep").count(), 1);
    assert.equal(await agent.page.evaluate(() => window.isSamePage), true);
  });

  test("an agent without a network is told so, and catches up when it is back", async () => {
    const visitor = await world.visitorWho("Written before the tunnel");
    const agent = await world.agent();
    await agent.open("Written before the tunnel");
    await agent.page.evaluate(() => (window.isSamePage = true));

    await world.relay.crash();
    await agent.page.getByText("Reconnecting…").waitFor();
    await world.relay.resume();
    await visitor.say("Written in the tunnel");

    await agent.bubble("Written in the tunnel").waitFor();
    await agent.page.getByText("Reconnecting…").waitFor({ state: "hidden" });
    assert.equal(await agent.page.evaluate(() => window.isSamePage), true);
  });

  test("the whole inbox can be worked from the keyboard", async () => {
    await world.visitorWho("The older question");
    await world.visitorWho("The newer question");
    const agent = await world.agent();
    await agent.row("The newer question").waitFor();
    const keys = agent.page.keyboard;

    await keys.press("j");
    await isCurrent(agent, "The newer question").waitFor();
    await keys.press("j");
    await isCurrent(agent, "The older question").waitFor();
    await agent.bubble("The older question").waitFor();
    await keys.press("k");
    await isCurrent(agent, "The newer question").waitFor();
    await agent.bubble("The newer question").waitFor();

    await keys.press("r");
    await agent.page.locator(".composer[data-mode=reply] textarea:focus").waitFor();
    await keys.type("just typing");
    assert.equal(await agent.composer.inputValue(), "just typing");
    await agent.composer.fill("");
    await keys.press("Escape");
    await agent.page.locator("textarea:focus").waitFor({ state: "detached" });

    await keys.press("n");
    await agent.page.locator(".composer[data-mode=note] textarea:focus").waitFor();
    await keys.press("Escape");
    await agent.page.locator("textarea:focus").waitFor({ state: "detached" });

    await keys.press("e");
    await agent.page.getByRole("button", { name: "Reopen", exact: true }).waitFor();
    await keys.press("e");
    await agent.page.getByRole("button", { name: "Resolve", exact: true }).waitFor();

    await keys.press("/");
    await agent.page.locator("input[type=search]:focus").waitFor();
    await keys.press("Escape");
    await agent.page.locator("input[type=search]:focus").waitFor({ state: "detached" });

    await keys.press("?");
    const sheet = agent.page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.getByText("Next conversation").waitFor();
    await screenshot(agent.page, "keyboard-sheet");
    await keys.press("Escape");
    await sheet.waitFor({ state: "hidden" });

    await keys.press("a");
    await agent.page.getByRole("menuitemradio", { name: "Ada Lindqvist (you)" }).waitFor();
    await keys.press("Escape");
    await keys.press("u");
    await agent.page.getByText("No conversation selected").waitFor();
    await keys.press("g");
    await keys.press("s");
    await agent.page.getByRole("heading", { name: "Settings" }).waitFor();
  });

  test("what was begun in one conversation stays there, over a switch and a reload, and goes when it is sent", async () => {
    await world.visitorWho("First of the drafts");
    await world.visitorWho("Second of the drafts");
    const agent = await world.agent();
    await agent.open("First of the drafts");
    await agent.composer.fill("half a sent");

    await agent.open("Second of the drafts");
    assert.equal(await agent.composer.inputValue(), "");
    await agent.page.getByRole("button", { name: "Note", exact: true }).click();
    await agent.noteComposer.fill("half a note");
    await agent.open("First of the drafts");
    assert.equal(await agent.composer.inputValue(), "half a sent");

    await agent.page.reload();
    await agent.bubble("First of the drafts").waitFor();
    assert.equal(await agent.composer.inputValue(), "half a sent");
    await agent.open("Second of the drafts");
    assert.equal(await agent.noteComposer.inputValue(), "half a note");
    await agent.open("First of the drafts");
    await agent.answer("half a sentence, finished");
    await agent.page.reload();
    await agent.bubble("half a sentence, finished").waitFor();
    assert.equal(await agent.composer.inputValue(), "");
  });

  test("an answer given while the relay is down is shown at once and goes out exactly once", async () => {
    const visitor = await world.visitorWho("Are you still there?");
    const agent = await world.agent();
    await agent.open("Are you still there?");

    await world.relay.crash();
    await agent.answer("We are, and this waits");
    await agent.page.getByText("Waiting for the connection").waitFor();
    await world.relay.resume();

    await visitor.bubble("We are, and this waits").waitFor();
    await agent.answer("This comes after it");
    await visitor.bubble("This comes after it").waitFor();
    assert.equal(await visitor.bubble("We are, and this waits").count(), 1);
    assert.equal(await agent.bubble("We are, and this waits").count(), 1);
    await agent.page.getByText("Waiting for the connection").waitFor({ state: "detached" });
  });

  test("an answer that waits survives the tab it was written in", async () => {
    const visitor = await world.visitorWho("Will it survive?");
    const before = await world.agent();
    await before.open("Will it survive?");
    const address = before.page.url();

    await world.relay.crash();
    await before.answer("It survives its tab");
    await before.page.close();
    await world.relay.resume();
    const agent = new Agent(await before.page.context().newPage(), world.relay);
    await agent.page.goto(address);

    await visitor.bubble("It survives its tab").waitFor();
    await agent.answer("Nothing was sent twice");
    await visitor.bubble("Nothing was sent twice").waitFor();
    assert.equal(await visitor.bubble("It survives its tab").count(), 1);
    assert.equal(await agent.bubble("It survives its tab").count(), 1);
  });

  test("the details say where the visitor is and with what", async () => {
    const context = await world.context({ locale: "nb-NO", timezoneId: "Europe/Oslo" });
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(`${world.shop.origin}/tents?size=2`, { referer: "https://search.example/tents" });
    await visitor.open();
    await visitor.say("Who am I to you?");
    const agent = await world.agent();
    await agent.open("Who am I to you?");

    const details = agent.page.getByRole("complementary", { name: "Details" });
    const fact = async (name) => details.locator(`dt:text-is("${name}") + dd`).innerText();
    await details.getByText("Europe/Oslo").waitFor();
    const page = details.getByRole("link", { name: "Shop" });
    assert.equal(await page.getAttribute("href"), `${world.shop.origin}/tents?size=2`);
    assert.match(await page.getAttribute("rel"), /noopener noreferrer/);
    assert.match(await fact("Came from"), /search\.example/);
    assert.equal(await fact("Time zone"), "Europe/Oslo");
    assert.match(await fact("Local time"), /\d{1,2}:\d{2}/);
    assert.match(await fact("Language"), /^nb/);
    assert.match(await fact("Device"), /Chrom.*Linux/);
    assert.match(await fact("Window"), /1440 × 900/);
    await details.getByText("Not verified").waitFor();
  });

  test("search finds a conversation by what was said in it", async () => {
    await world.visitorWho("Do you sell marzipan?", "Never mind");
    await world.visitorWho("Something else entirely");
    const agent = await world.agent();
    await agent.row("Something else entirely").waitFor();
    const search = agent.page.getByRole("searchbox", { name: "Search conversations" });

    await search.fill("marzipan");

    await agent.row("Something else entirely").waitFor({ state: "detached" });
    await agent.open("Never mind");
    await agent.bubble("Do you sell marzipan?").waitFor();
    await search.fill("a word nobody ever wrote");
    await agent.list.getByText("Nothing found").waitFor();
    await search.press("Escape");
    await agent.row("Something else entirely").waitFor();
  });

  test("a note looks different from an answer and is called a note", async () => {
    await world.visitorWho("Compare the two");
    const agent = await world.agent();
    await agent.open("Compare the two");
    await agent.answer("The answer");
    await agent.page.keyboard.press("Escape");
    await agent.page.keyboard.press("n");
    await agent.page.getByRole("button", { name: "Add note" }).waitFor();
    await agent.noteComposer.fill("The remark");
    await agent.noteComposer.press("Enter");

    await agent.bubble("The remark").getByText("Note", { exact: true }).waitFor();
    assert.equal(await agent.bubble("The answer").getByText("Note", { exact: true }).count(), 0);
    const background = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);
    assert.notEqual(await background(agent.bubble("The remark")), await background(agent.bubble("The answer")));
    assert.notEqual(await background(agent.bubble("The remark")), await background(agent.bubble("Compare the two")));
    const composer = agent.page.locator(".composer");
    const asNote = await background(composer);
    await agent.page.getByRole("button", { name: "Reply", exact: true }).click();
    assert.notEqual(await background(composer), asNote);
  });

  test("whether the visitor is on the site is shown and followed", async () => {
    const visitor = await world.visitorWho("I am here now");
    const agent = await world.agent();
    await agent.open("I am here now");
    const presence = agent.page.locator(".thread-presence");
    await presence.filter({ hasText: "On the site" }).waitFor();

    await visitor.page.context().close();

    await presence.filter({ hasText: "Away" }).waitFor();
  });

  test("a phone shows the list, then the thread, then the list again", async () => {
    await world.visitorWho("Asked of somebody on the road");
    const agent = await world.agent(PHONE);
    await agent.row("Asked of somebody on the road").waitFor();
    assert.equal(await sidewaysScroll(agent.page), 0);
    await screenshot(agent.page, "inbox-phone-list");

    await agent.open("Asked of somebody on the road");
    await agent.list.waitFor({ state: "hidden" });
    await agent.page.getByRole("complementary", { name: "Details" }).waitFor({ state: "hidden" });
    assert.ok(await isInSight(agent.composer), "the composer is in sight");
    assert.ok(await isInSight(agent.page.getByRole("button", { name: "Resolve", exact: true })), "Resolve is in sight");
    assert.equal(await sidewaysScroll(agent.page), 0);
    await agent.answer("Answered from the road");
    await screenshot(agent.page, "inbox-phone-thread");

    await agent.page.getByRole("button", { name: "Show details" }).click();
    const details = agent.page.getByRole("complementary", { name: "Details" });
    await details.waitFor();
    assert.equal(await sidewaysScroll(agent.page), 0);
    await screenshot(agent.page, "inbox-phone-details");
    await details.getByRole("button", { name: "Hide details" }).click();
    await details.waitFor({ state: "hidden" });

    await agent.page.getByRole("link", { name: "Back to the list" }).click();
    await agent.list.waitFor();
    await agent.composer.waitFor({ state: "detached" });
    await agent.row("Answered from the road").waitFor();
  });

  test("a tablet shows list and thread side by side, all of it in sight", async () => {
    await world.visitorWho("Asked of somebody with a tablet");
    const agent = await world.agent({ viewport: { width: 900, height: 1100 } });
    await agent.open("Asked of somebody with a tablet");

    assert.ok(await isInSight(agent.row("Asked of somebody with a tablet")), "the row is in sight");
    for (const name of ["Assign", "Status: Open", "Resolve", "Show details", "Send"]) {
      assert.ok(await isInSight(agent.page.getByRole("button", { name, exact: true })), `${name} is in sight`);
    }
    assert.ok((await agent.composer.boundingBox()).width > 300, "the composer has room");
    assert.equal(await sidewaysScroll(agent.page), 0);
    await agent.answer("Answered on a tablet");
    await screenshot(agent.page, "inbox-tablet");

    await agent.page.getByRole("button", { name: "Show details" }).click();
    const details = agent.page.getByRole("complementary", { name: "Details" });
    await details.getByRole("button", { name: "Hide details" }).click();
    await details.waitFor({ state: "hidden" });
  });
});

describe("an inbox of two", { timeout: 300_000 }, () => {
  let world, ada, bo;

  before(async () => {
    world = await World.start();
    ada = await Agent.signIn(await newContext(world.browser), world.relay);
    bo = await Agent.join(await newContext(world.browser), world.relay, await ada.invite(BO.email, "agent"), BO);
  });
  after(() => world?.stop());
  beforeEach(async () => {
    for (const agent of [ada, bo]) await agent.page.goto(world.relay.url);
  });
  afterEach(() => world.endContexts());

  test("lists and counts follow whatever happens, for everybody", async () => {
    for (const text of ["One tent", "Two tents", "Three tents"]) await world.visitorWho(text);
    for (const agent of [ada, bo]) {
      for (const text of ["One tent", "Two tents", "Three tents"]) await agent.row(text).waitFor();
      await agent.tab("All", 3).waitFor();
      await agent.tab("Unassigned", 3).waitFor();
      await agent.tab("Mine", 0).waitFor();
    }

    await ada.open("One tent");
    await ada.pick("Assign", `${OWNER.name} (you)`);
    await ada.tab("Mine", 1).waitFor();
    await ada.tab("Unassigned", 2).waitFor();
    await bo.tab("Unassigned", 2).waitFor();
    await bo.tab("Mine", 0).waitFor();
    await bo.row("One tent").getByText(`Assigned to ${OWNER.name}`).waitFor();

    await ada.open("Two tents");
    await ada.pick("Status: Open", "For 1 hour");
    await ada.page.getByRole("button", { name: "Status: Snoozed" }).waitFor();
    await ada.chip("Snoozed", 1).waitFor();
    await bo.chip("Snoozed", 1).waitFor();
    await bo.row("Two tents").waitFor({ state: "detached" });
    await bo.tab("All", 2).waitFor();

    await ada.open("Three tents");
    await ada.pick("Status: Open", "Pending");
    await ada.chip("Pending", 1).waitFor();
    await bo.chip("Pending", 1).waitFor();
    await ada.page.getByRole("button", { name: "Resolve", exact: true }).click();
    await ada.page.getByRole("button", { name: "Reopen", exact: true }).waitFor();
    await ada.tab("All", 1).waitFor();
    await bo.tab("All", 1).waitFor();
    await bo.row("Three tents").waitFor({ state: "detached" });
    await bo.row("One tent").waitFor();

    await ada.tab("Mine").click();
    await ada.row("One tent").waitFor();
    assert.equal(await ada.list.locator(".row").count(), 1);
    await ada.tab("Unassigned").click();
    await ada.list.getByText("Everything open has somebody").waitFor();
    await ada.chip("Snoozed").click();
    await ada.row("Two tents").waitFor();
    await ada.chip("Resolved").click();
    await ada.row("Three tents").waitFor();
    await ada.tab("Mine").click();
    await ada.list.getByText("Nothing is resolved yet").waitFor();
    await ada.tab("All").click();

    await ada.open("Three tents");
    await ada.page.getByRole("button", { name: "Reopen", exact: true }).click();
    await ada.tab("All", 2).waitFor();
    await bo.tab("All", 2).waitFor();
    await bo.row("Three tents").waitFor();
  });

  test("a conversation given to a colleague turns up at theirs, and says who gave it", async () => {
    await world.visitorWho("One for Bo");
    await bo.tab("Mine").click();
    await bo.list.getByText("Nothing open is assigned to you").waitFor();

    await ada.open("One for Bo");
    await ada.pick("Assign", BO.name);

    await bo.tab("Mine", 1).waitFor();
    await bo.open("One for Bo");
    await bo.page.getByText(`${OWNER.name} assigned the conversation to ${BO.name}`).waitFor();
    await ada.page.getByRole("button", { name: `Assigned to ${BO.name}` }).waitFor();
    await ada.pick(`Assigned to ${BO.name}`, "Nobody");
    await bo.tab("Mine", 0).waitFor();
  });

  test("a colleague who has just joined can be given a conversation at once", async () => {
    await world.visitorWho("One for somebody new");
    await ada.open("One for somebody new");

    const link = await ada.invite(CAY.email, "agent");
    const cay = await Agent.join(await world.context(), world.relay, link, CAY);
    await ada.pick("Assign", CAY.name);

    await cay.tab("Mine", 1).waitFor();
  });

  test("two agents in one conversation see each other's answers and notes", async () => {
    const visitor = await world.visitorWho("Who answers first?");
    await ada.open("Who answers first?");
    await bo.open("Who answers first?");

    await bo.answer("I did");
    await ada.bubble("I did").waitFor();
    await visitor.bubble("I did").waitFor();
    await ada.page.getByRole("button", { name: "Note", exact: true }).click();
    await ada.noteComposer.fill("well done");
    await ada.noteComposer.press("Enter");

    await bo.bubble("well done").getByText("Note", { exact: true }).waitFor();
  });

  test("whether a colleague is here is shown and followed", async () => {
    await ada.page.getByRole("link", { name: "People" }).click();
    const presence = (words) => ada.page.getByRole("row", { name: BO.name }).getByRole("cell", { name: words, exact: true });
    await presence("Online").waitFor();

    await bo.page.getByRole("link", { name: "Settings" }).click();
    await bo.page.getByRole("radio", { name: "Busy" }).check();
    await presence("Busy").waitFor();
    await bo.page.getByRole("radio", { name: "Available" }).check();
    await presence("Online").waitFor();
    await bo.page.close();

    await presence("Offline").waitFor();
  });
});
