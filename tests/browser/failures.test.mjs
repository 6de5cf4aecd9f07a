// What could not be loaded says so and can be asked for again.
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertAccessible, button, CAY } from "./harness/admin.mjs";
import { World } from "./harness/world.mjs";

describe("failures", { timeout: 300_000 }, () => {
  let world, agent, page;

  before(async () => {
    world = await World.start();
    await world.visitorWho("Can this be loaded?");
    await world.endContexts();
  });
  after(() => world?.stop());
  beforeEach(async () => {
    agent = await world.agent();
    page = agent.page;
    await agent.row("Can this be loaded?").waitFor();
  });
  afterEach(() => world.endContexts());

  test("numbers that cannot be had", async () => {
    await page.route("**/api/conversations/counts", (route) => route.abort());
    await page.reload();
    await page.getByText("The numbers could not be loaded").waitFor();
    await assertAccessible(page, "failure-counts");
    await page.unroute("**/api/conversations/counts");

    await button(page, "Try again").click();

    await agent.tab("All", 1).waitFor();
    await page.getByText("The numbers could not be loaded").waitFor({ state: "detached" });
  });

  test("colleagues that cannot be had", async () => {
    await page.route("**/api/people?*", (route) => route.abort());
    await page.reload();
    await agent.open("Can this be loaded?");
    await page.unroute("**/api/people?*");

    await agent.pick("Assign", "Some people are missing");
    await agent.pick("Assign", "Ada Lindqvist (you)");

    await page.getByRole("button", { name: "Assigned to Ada Lindqvist" }).waitFor();
  });

  test("invitations that cannot be had", async () => {
    await agent.invite(CAY.email, "agent");
    await page.route("**/api/people/invites?*", (route) => route.abort());
    await page.getByRole("link", { name: "People" }).click();
    await page.getByText("We could not load the invitations").waitFor();
    await assertAccessible(page, "failure-invites");
    await page.unroute("**/api/people/invites?*");

    await button(page, "Try again").click();

    await page.getByText(CAY.email).waitFor();
  });
});
