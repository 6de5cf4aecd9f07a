// The page and the panel talk over a port of their own. Nobody else gets it, and nobody else is listened to.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Visitor, launch, newContext, panelFrame } from "./harness/browser.mjs";
import { Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";

// Says that it is the panel whenever it is told to, and remembers what it was given for that.
const IMPOSTOR = `<!doctype html><title>Impostor</title><script>
  const got = [];
  addEventListener("message", ({ data, ports, source }) => {
    if (data === "lie") parent.postMessage("roost:frame", "*");
    else if (data === "confess") source.postMessage({ got }, "*");
    else got.push({ data, ports: ports.length });
  });
  parent.postMessage("roost:frame", "*");
</script>`;
const PANEL = 'iframe[src*="/widget/frame"]';

describe("port", { timeout: 120_000 }, () => {
  let relay, shop, stranger, browser, context, visitor;

  before(async () => {
    relay = await Relay.start();
    let snippet = "";
    stranger = await Site.start("stranger", () => ({ body: IMPOSTOR }));
    shop = await Site.start("shop", (path) => ({ body: shopPage((path === "/beside" ? `<iframe id="impostor" src="${stranger.origin}"></iframe>` : "") + snippet) }));
    ({ snippet } = await relay.createWidget("Shop", shop.origin));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await stranger?.stop();
    await relay?.stop();
  });
  beforeEach(async () => {
    context = await newContext(browser);
    visitor = new Visitor(await context.newPage(), PANEL);
  });
  afterEach(() => context.close());

  // Keeps the answers to requests like these back until the function it gives is called.
  async function holdBack(pattern) {
    let release;
    const released = new Promise((done) => (release = done));
    await context.route(pattern, async (route) => {
      await released;
      await route.continue();
    });
    return release;
  }

  // What the window of this frame was given. Windows hear one another in order, so it has heard everything before.
  const confess = (frame) =>
    frame.evaluate(
      (frame) =>
        new Promise((done) => {
          addEventListener("message", ({ data, source }) => data.got && source === frame.contentWindow && done(data.got));
          frame.contentWindow.postMessage("confess", "*");
        }),
    );

  test("a frame beside the panel and the page itself are not taken for the panel", async () => {
    const release = await holdBack("**/widget/frame*");
    await visitor.page.goto(`${shop.origin}/beside`);
    await visitor.launcher.hover();
    // The page listens now.
    await visitor.page.locator(`${PANEL}[title]`).waitFor({ state: "attached" });
    const impostor = visitor.page.locator("#impostor");

    const mine = await visitor.page.evaluate(
      () =>
        new Promise((done) => {
          const got = [];
          addEventListener("message", ({ data, ports }) => (data === "end" ? done(got) : got.push({ data, ports: ports.length })));
          document.querySelector("#impostor").contentWindow.postMessage("lie", "*");
          postMessage("roost:frame", "*");
          postMessage("end", "*");
        }),
    );

    assert.deepEqual(await confess(impostor), []);
    assert.deepEqual(mine.filter(({ data, ports }) => data !== "roost:frame" || ports > 0), []);
    release();
    await visitor.open();
    await visitor.say("To the relay only");
    assert.deepEqual(await confess(impostor), []);
  });

  test("another site's page in the panel's place gets no port, and takes none from the panel", async () => {
    const release = await holdBack("**/widget/frame*");
    await visitor.page.goto(shop.origin);
    await visitor.launcher.hover();
    const panel = visitor.page.locator("iframe");
    await visitor.page.locator(`${PANEL}[title]`).waitFor({ state: "attached" });
    const own = await panel.getAttribute("src");

    await panel.evaluate(
      (frame, address) =>
        new Promise((done) => {
          addEventListener("message", ({ data }) => data === "roost:frame" && done());
          frame.src = address;
        }),
      stranger.origin,
    );

    assert.deepEqual(await confess(panel), []);
    await panel.evaluate((frame, address) => (frame.src = address), own);
    release();
    await visitor.open();
    await visitor.say("Back in my place");
  });

  test("a port that did not come from the page, or came second, is not listened to", async () => {
    const release = await holdBack("**/bridge-*");
    await visitor.page.goto(shop.origin);
    await visitor.launcher.hover();
    await visitor.panel.locator("#first").waitFor({ state: "attached" });
    const panel = await panelFrame(visitor.page);
    const init = { v: 1, t: "init", key: "pk_forged", open: true };
    const forge = ({ window, to, init }) => {
      const { port1, port2 } = new MessageChannel();
      globalThis.forged = [];
      port1.onmessage = ({ data }) => globalThis.forged.push(data);
      const target = window ?? globalThis;
      target.postMessage({ v: 1, t: "roost:port" }, to, [port2]);
      port1.postMessage(init);
      port1.postMessage({ v: 1, t: "call", name: "send", argument: "Forged" });
    };
    await panel.evaluate(forge, { to: "*", init });

    release();
    await visitor.open();
    await visitor.page.locator(PANEL).evaluate(
      (frame, { forge, init, to }) => new Function(`return ${forge}`)()({ window: frame.contentWindow, to, init }),
      { forge: String(forge), init, to: relay.url },
    );
    await visitor.say("Over the right port");

    assert.deepEqual(await visitor.log.locator(".bubble").allInnerTexts(), ["Over the right port"]);
    for (const place of [panel, visitor.page]) assert.deepEqual(await place.evaluate(() => globalThis.forged), []);
  });
});
