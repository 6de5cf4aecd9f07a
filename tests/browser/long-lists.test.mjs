// Lists longer than a page of the relay's answers.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { realAnswer, World } from "./harness/world.mjs";

describe("long lists", { timeout: 300_000 }, () => {
  let world, agent;

  before(async () => {
    world = await World.start();
    await world.visitorWho("The one that is really there");
    await world.endContexts();
  });
  after(() => world?.stop());
  afterEach(() => world.endContexts());

  const idOf = (number) => `0192f0c1-7a2b-7c3d-8e4f-${String(number).padStart(12, "0")}`;

  // Answers for the list as if there were this many conversations.
  async function pretend(page, count) {
    let template;
    await page.route(/\/api\/conversations\?/, async (route) => {
      const query = new URL(route.request().url()).searchParams;
      template ??= (await realAnswer(route)).items[0];
      const [limit, from] = [Number(query.get("limit")), Number(query.get("cursor") ?? 0)];
      const numbers = Array.from({ length: Math.max(0, Math.min(limit, count - from)) }, (_, at) => from + at);
      const items = numbers.map((number) => ({ ...template, id: idOf(number), contact: { ...template.contact, name: `Visitor number ${number}` } }));
      await route.fulfill({ json: { items, next_cursor: from + limit < count ? String(from + limit) : null } });
    });
  }

  test("the inbox goes on as far as somebody scrolls, and is short again at its top", async () => {
    agent = await world.agent();
    await pretend(agent.page, 620);
    await agent.page.reload();
    await agent.row("Visitor number 39").waitFor();
    const scroll = agent.page.locator(".list-scroll");

    const deadline = Date.now() + 60_000;
    while ((await agent.row("Visitor number 619").count()) === 0) {
      assert.ok(Date.now() < deadline, "the list ends before its last row");
      await scroll.evaluate((element) => (element.scrollTop = element.scrollHeight));
      await agent.page.waitForTimeout(20);
    }
    assert.equal(await agent.list.locator(".row").count(), 620);

    await scroll.evaluate((element) => (element.scrollTop = 0));
    await agent.row("Visitor number 619").waitFor({ state: "detached" });
    await agent.row("Visitor number 0").first().waitFor();
  });

  test("all campaigns are shown, however many", async () => {
    agent = await world.agent();
    for (let number = 0; number < 205; number += 1) {
      await agent.ask("POST", "/api/campaigns", { name: `Campaign number ${number}`, channel: "webchat", allowed_origins: [], appearance: {} });
    }

    await agent.page.getByRole("link", { name: "Campaigns" }).click();

    await agent.page.getByRole("link", { name: "Campaign number 204", exact: true }).waitFor();
    await agent.page.getByRole("link", { name: "Campaign number 0", exact: true }).waitFor();
    await agent.page.getByRole("link", { name: "Shop", exact: true }).waitFor();
  });
});
