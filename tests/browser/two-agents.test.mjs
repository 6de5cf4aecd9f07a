// Two agents in one inbox see what the other does.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Agent, newContext } from "./harness/browser.mjs";
import { OWNER } from "./harness/relay.mjs";
import { BO, CAY } from "./harness/admin.mjs";
import { World } from "./harness/world.mjs";

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

  test("a row says you only of one's own answers, and names the colleague otherwise", async () => {
    await world.visitorWho("Whose answer is last?");
    await ada.open("Whose answer is last?");

    await ada.answer("The answer of Ada");
    await ada.row("You: The answer of Ada").waitFor();
    await bo.row("Ada: The answer of Ada").waitFor();
    await bo.page.reload();
    await bo.row("Ada: The answer of Ada").waitFor();
    await bo.open("The answer of Ada");
    await bo.answer("The answer of Bo");

    await bo.row("You: The answer of Bo").waitFor();
    await ada.row("Bo: The answer of Bo").waitFor();
    await ada.page.reload();
    await ada.row("Bo: The answer of Bo").waitFor();
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
