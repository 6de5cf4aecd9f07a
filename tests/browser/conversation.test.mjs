// A visitor on a shop page and an agent in the inbox talk to each other.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { Agent, Visitor, launchWithProfile, newContext, panelFrame, screenshot } from "./harness/browser.mjs";
import { World } from "./harness/world.mjs";

describe("conversation", { timeout: 120_000 }, () => {
  let world, relay, shop, browser, agentContext, agent, visitorContext;

  before(async () => {
    world = await World.start();
    ({ relay, shop, browser } = world);
    agentContext = await newContext(browser);
    agent = await Agent.signIn(agentContext, relay);
  });
  after(() => world?.stop());
  beforeEach(async () => {
    visitorContext = await newContext(browser);
  });
  afterEach(() => visitorContext.close());

  test("a question reaches the agent and the answer reaches the visitor", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();

    await visitor.say("Do you ship to Norway?");
    await agent.open("Do you ship to Norway?");
    await agent.answer("We do, in three days.");

    await visitor.bubble("We do, in three days.").waitFor();
    await screenshot(visitor.page, "visitor-conversation");
    await screenshot(agent.page, "inbox-conversation");
  });

  test("a note never reaches the visitor", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    await visitor.say("Is the note secret?");
    await agent.open("Is the note secret?");

    await agent.page.getByRole("button", { name: "Note", exact: true }).click();
    await agent.noteComposer.fill("a difficult customer");
    await agent.noteComposer.press("Enter");
    await agent.bubble("a difficult customer").waitFor();
    await screenshot(agent.page, "inbox-note");
    await agent.page.getByRole("button", { name: "Reply", exact: true }).click();
    await agent.answer("It is.");
    await visitor.bubble("It is.").waitFor();

    // The answer was written after the note: had the note been sent, it would stand above.
    assert.equal(await visitor.bubble("a difficult customer").count(), 0);
  });

  test("each sees that the other is typing", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    await visitor.say("Who types first?");
    await agent.open("Who types first?");

    await visitor.composer.pressSequentially("I do");
    await agent.page.locator(".typing[data-state=on]").filter({ hasText: "typing" }).waitFor();
    await visitor.composer.fill("");
    await agent.composer.pressSequentially("now I do");

    await visitor.panel.locator(".typing[data-shown=true]").filter({ hasText: "is typing" }).waitFor();
    await agent.composer.fill("");
  });

  test("the visitor is told when a message has been read", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    await visitor.say("Has anybody read this?");

    await agent.open("Has anybody read this?");

    await visitor.progress("Read").waitFor();
  });

  test("a message is sent, then delivered, then read", async () => {
    // Nothing is being read.
    await agent.page.goto(relay.url);
    await agent.list.waitFor();
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    const panel = await panelFrame(visitor.page);
    await panel.evaluate(() => {
      window.said = [];
      const look = () => {
        const words = [...document.querySelectorAll(".progress")].at(-1)?.textContent.trim();
        if (words && words !== window.said.at(-1)) window.said.push(words);
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    });

    await visitor.write("How far has this come?");
    await visitor.progress("Delivered").waitFor();
    assert.equal(await visitor.progress("Read").count(), 0, "nobody has looked");
    await agent.open("How far has this come?");
    await visitor.progress("Read").waitFor();

    const steps = (await panel.evaluate(() => window.said)).filter((words) => /^(Sent|Delivered|Read)$/.test(words));
    assert.deepEqual(steps, ["Sent", "Delivered", "Read"]);
  });

  test("what visitors write is shown as words, never run as markup", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    const evil = `<img src=x onerror="document.title='owned'"> see https://example.com/a?b=1`;

    await visitor.say(evil);
    await agent.open("see https://example.com");

    await agent.bubble("<img src=x onerror=").waitFor();
    const link = visitor.log.getByRole("link", { name: "https://example.com/a?b=1" });
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
    assert.equal(await agent.page.locator(".bubble img").count(), 0);
    assert.notEqual(await agent.page.title(), "owned");
  });

  test("a conversation survives a reload", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    await visitor.say("Please remember me over a reload");

    await visitor.page.reload();
    await visitor.isOpenAgain();

    await visitor.bubble("Please remember me over a reload").waitFor();
    assert.equal(await visitor.bubble("Please remember me over a reload").count(), 1);
  });

  test("a second tab shows the conversation and follows it", async () => {
    const first = await Visitor.at(visitorContext, shop.origin);
    await first.open();
    await first.say("Said in the first tab");
    const second = await Visitor.at(visitorContext, shop.origin);
    await second.isOpenAgain();
    await second.bubble("Said in the first tab").waitFor();

    await second.say("Said in the second tab");

    await first.bubble("Said in the second tab").waitFor();
  });

  test("a conversation survives a restart of the browser", async () => {
    const profile = await mkdtemp(join(tmpdir(), "roost-profile-"));
    let context = await launchWithProfile(profile);
    const before = await Visitor.at(context, shop.origin);
    await before.open();
    await before.say("Please remember me tomorrow");
    await context.close();

    context = await launchWithProfile(profile);
    const later = await Visitor.at(context, shop.origin);
    await later.isOpenAgain();

    await later.bubble("Please remember me tomorrow").waitFor();
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });

  test("a closed panel counts what came in, on the launcher and in the title", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    await visitor.say("I will close the chat now");
    await visitor.panel.getByRole("button", { name: "Close chat" }).click();

    await agent.open("I will close the chat now");
    await agent.answer("Come back soon.");

    await visitor.page.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
    await visitor.open();
    await visitor.page.getByRole("button", { name: /^Close chat$/ }).first().waitFor();
    await visitor.bubble("Come back soon.").waitFor();
  });

  test("a visitor who writes again reopens a resolved conversation", async () => {
    const visitor = await Visitor.at(visitorContext, shop.origin);
    await visitor.open();
    await visitor.say("One last question");
    await agent.open("One last question");
    await agent.page.getByRole("button", { name: "Resolve", exact: true }).click();
    await agent.page.getByRole("button", { name: "Reopen", exact: true }).waitFor();

    await visitor.say("No, two questions");

    await agent.page.getByRole("button", { name: "Resolve", exact: true }).waitFor();
    await agent.bubble("No, two questions").waitFor();
  });
});
