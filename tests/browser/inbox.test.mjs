// Agents at work: finding, reading, sorting and answering conversations, on every size of screen and over bad connections.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Agent, PHONE, screenshot, Visitor } from "./harness/browser.mjs";
import { isCurrent, isInSight, realAnswer, sidewaysScroll, World } from "./harness/world.mjs";

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

  test("the details follow the visitor from page to page", async () => {
    const visitor = await world.visitorWho("I look around");
    const agent = await world.agent();
    await agent.open("I look around");
    const details = agent.page.getByRole("complementary", { name: "Details" });
    await details.getByText("Not verified").waitFor();

    await visitor.page.goto(`${world.shop.origin}/boots?size=44`);
    await visitor.isOpenAgain();

    await details.locator('a[href$="/boots?size=44"]').waitFor();
  });

  test("the details lead to the contact's other conversations", async () => {
    await world.visitorWho("My first matter");
    await world.visitorWho("My second matter");
    const agent = await world.agent();
    // The widget goes on with the conversation it has; to the inbox these two are now of one contact.
    await agent.page.route(/\/api\/conversations\?contact=/, async (route) => {
      const { items } = await realAnswer(route, `${world.relay.url}/api/conversations?limit=50`);
      await route.fulfill({ json: { items: items.filter((row) => /matter/.test(row.last_message.text)), next_cursor: null } });
    });
    await agent.open("My first matter");
    const details = agent.page.getByRole("complementary", { name: "Details" });

    await details.getByText("Other conversations").waitFor();
    assert.equal(await details.getByRole("link", { name: /My first matter/ }).count(), 0, "the open one is not among the others");
    await details.getByRole("link", { name: /My second matter/ }).click();

    await agent.bubble("My second matter").waitFor();
    await details.getByRole("link", { name: /My first matter/ }).waitFor();
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
