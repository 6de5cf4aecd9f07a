// The command palette: everywhere and everything from the keyboard.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, BO, button } from "./harness/admin.mjs";
import { Agent, PHONE } from "./harness/browser.mjs";
import { OWNER } from "./harness/relay.mjs";
import { isInSight, sidewaysScroll, World } from "./harness/world.mjs";

describe("command palette", { timeout: 300_000 }, () => {
  let world, agent, page, keys;

  before(async () => {
    world = await World.start();
    await world.visitorWho("Where can I buy marzipan?", "Never mind");
    await world.visitorWho("Something else entirely");
    await world.endContexts();
  });
  after(() => world?.stop());
  beforeEach(async () => {
    agent = await world.agent();
    page = agent.page;
    keys = page.keyboard;
    await agent.row("Never mind").waitFor();
  });
  afterEach(() => world.endContexts());

  const palette = () => page.getByRole("dialog", { name: "Go to, find or do" });
  const options = () => palette().getByRole("option");
  const chosen = (name) => palette().getByRole("option", { name, selected: true });

  // Opens the palette and types.
  async function ask(words) {
    await keys.press("Control+k");
    await palette().locator("input:focus").waitFor();
    await keys.type(words);
  }

  test("it goes to every part, by typing a piece of its name", async () => {
    for (const [words, heading] of [["peop", "People"], ["settings", "Settings"], ["campaigns", "Campaigns"], ["new camp", "New campaign"]]) {
      await ask(words);
      await keys.press("Enter");
      await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
      await palette().waitFor({ state: "hidden" });
    }
    await ask("inbox unass");
    await keys.press("Enter");
    await page.waitForURL(/inbox\/unassigned\/open/);
    await ask("snoozed");
    await keys.press("Enter");
    await page.waitForURL(/inbox\/all\/snoozed/);
  });

  test("it finds a conversation by what was said in it", async () => {
    await ask("marzipan");
    await chosen(/Never mind/).waitFor();
    assert.equal(await options().count(), 1);

    await keys.press("Enter");

    await agent.bubble("Where can I buy marzipan?").waitFor();
    await ask("a word nobody ever wrote");
    await palette().getByRole("status").getByText("Nothing found").waitFor();
    await keys.press("Enter");
    assert.ok(await palette().isVisible(), "there is nothing to open");
    await keys.press("Escape");
    await palette().waitFor({ state: "hidden" });
  });

  test("it acts on the open conversation, and only when there is one", async () => {
    await ask("resolve the");
    await palette().getByText("Nothing found").waitFor();
    await keys.press("Escape");

    await agent.open("Never mind");
    await ask("assign to me");
    await keys.press("Enter");
    await button(page, `Assigned to ${OWNER.name}`).waitFor();
    await page.getByText("Assigned to you").waitFor();
    await ask("assign to");
    await palette().getByText("Nothing found").waitFor();
    await keys.press("Escape");
    await ask("resolve the");
    await keys.press("Enter");
    await button(page, "Reopen").waitFor();
    // The palette that offered it is long gone.
    await button(page, "Undo").click();
    await button(page, "Resolve").waitFor();
    await ask("resolve the");
    await keys.press("Enter");
    await ask("reopen");
    await keys.press("Enter");
    await button(page, "Resolve").waitFor();
  });

  test("it opens from a field too, is walked by arrows and closed by the same keys", async () => {
    await agent.open("Never mind");
    await agent.composer.fill("half a sentence");
    await keys.press("Control+k");
    await chosen("Resolve the conversation").waitFor();

    await keys.press("ArrowUp");
    await chosen("Settings").waitFor();
    await keys.press("ArrowDown");
    await keys.press("ArrowDown");
    assert.equal(await palette().getByRole("combobox").getAttribute("aria-activedescendant"), "palette-1");
    await keys.press("Control+k");

    await palette().waitFor({ state: "hidden" });
    await page.locator("textarea:focus").waitFor();
    assert.equal(await agent.composer.inputValue(), "half a sentence");
  });

  test("it stays away while a dialog asks something, and the sheet names its keys", async () => {
    await keys.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.getByText("Go to, find or do").waitFor();

    await keys.press("Control+k");

    assert.equal(await palette().count(), 0);
    await keys.press("Escape");
    await sheet.waitFor({ state: "hidden" });
  });

  test("an agent is offered no campaigns", async () => {
    const bo = await Agent.join(await world.context(), world.relay, await agent.invite(BO.email, "agent"), BO);
    await bo.page.keyboard.press("Control+k");
    const offered = bo.page.getByRole("dialog", { name: "Go to, find or do" }).getByRole("option");
    await offered.filter({ hasText: "People" }).waitFor();

    assert.equal(await offered.filter({ hasText: /campaign/i }).count(), 0);
  });

  test("a search that fails says so", async () => {
    await page.route(/\/api\/conversations\?limit=8/, (route) => route.abort());
    await ask("marzipan");

    await palette().getByRole("status").getByText("We could not reach Roost").waitFor();
  });

  test("it has nothing axe objects to", async () => {
    await agent.open("Never mind");
    await ask("e");
    await chosen("Resolve the conversation").waitFor();
    await assertAccessible(page, "palette");
    await keys.type("xyzzy");
    await palette().getByText("Nothing found").waitFor();
    await assertAccessible(page, "palette-empty");
  });

  test("it fits on a phone", async () => {
    const phone = await world.agent(PHONE);
    await phone.row("Never mind").waitFor();
    await phone.page.keyboard.press("Control+k");
    const dialog = phone.page.getByRole("dialog", { name: "Go to, find or do" });
    await dialog.getByRole("option", { name: "Settings" }).waitFor();

    assert.ok(await isInSight(dialog), "all of it is in sight");
    assert.equal(await sidewaysScroll(phone.page), 0);
    await dialog.getByRole("option", { name: "Settings" }).click();
    await phone.page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  });
});
