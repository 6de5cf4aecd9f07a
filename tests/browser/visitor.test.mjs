// What visitors live through: lost connections, small screens, other languages, no mouse, no light.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Agent, DARK, PHONE, Visitor, launch, newContext, panelFrame, screenshot, violations } from "./harness/browser.mjs";
import { Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";

const NARROW = { viewport: { width: 320, height: 568 } };

describe("visitor", { timeout: 240_000 }, () => {
  let relay, shop, browser, agent, key, snippet;

  before(async () => {
    relay = await Relay.start();
    shop = await Site.start("shop", (path) => ({ body: page(path) }));
    ({ key, snippet } = await relay.createWidget("Shop", shop.origin));
    browser = await launch();
    agent = await Agent.signIn(await newContext(browser), relay);
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await relay?.stop();
  });

  function page(path) {
    switch (path) {
      case "/long":
        return shopPage(snippet).replace("<h1>", '<h1 style="padding-block: 1500px">');
      case "/light":
        return shopPage(snippet.replace("async", 'async data-theme="light"'));
      case "/german":
        return shopPage(snippet).replace('lang="en"', 'lang="de"');
      case "/arabic":
        return shopPage(snippet).replace('lang="en"', 'lang="ar" dir="rtl"');
      default:
        return shopPage(snippet);
    }
  }

  // A visitor with a browser of their own, which is gone when the test ends.
  async function visit(t, options = {}, path = "/") {
    const context = await newContext(browser, options);
    t.after(() => context.close());
    return Visitor.at(context, shop.origin + path);
  }

  describe("whose connection fails", () => {
    test("writes on while offline; everything is sent once, in order, when the network is back", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.say("I go into a tunnel");
      await agent.open("I go into a tunnel");

      await visitor.page.context().setOffline(true);
      await visitor.panel.getByText("You are offline. Messages wait here and are sent once.").waitFor();
      await visitor.write("still in it");
      await visitor.write("light at last");
      await visitor.progress("Sending").waitFor();
      await screenshot(visitor.page, "visitor-offline");
      assert.equal(await agent.bubble("still in it").count(), 0);
      await visitor.page.context().setOffline(false);

      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      await visitor.panel.locator(".notice").waitFor({ state: "hidden" });
      await agent.bubble("light at last").waitFor();
      const all = ["I go into a tunnel", "still in it", "light at last"];
      assert.deepEqual(await said(visitor), all);
      assert.deepEqual(await heard(agent), all);
    });

    test("keeps unsent words over a reload", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.say("My page will reload");
      await visitor.page.context().setOffline(true);
      await visitor.panel.getByText("You are offline.").waitFor();
      await visitor.write("written before the reload");
      await visitor.progress("Sending").waitFor();

      await visitor.page.context().setOffline(false);
      await visitor.page.reload();
      await visitor.isOpenAgain();

      await visitor.bubble("written before the reload").waitFor();
      await agent.open("written before the reload");
      assert.deepEqual(await heard(agent), ["My page will reload", "written before the reload"]);
    });

    test("has unsent words sent from the next page, though the panel was closed", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.say("I am about to leave");
      await relay.crash();
      await visitor.write("written while nobody listened");
      await visitor.panel.getByRole("button", { name: "Close chat" }).click();
      await visitor.page.goto("about:blank");
      await relay.resume();

      await visitor.page.goto(shop.origin);

      await agent.open("written while nobody listened");
      assert.deepEqual(await heard(agent), ["I am about to leave", "written while nobody listened"]);
      assert.equal(await visitor.page.evaluate(() => globalThis.Roost("get", "open")), false);
    });

    test("can try again what the relay refused, once", async (t) => {
      const visitor = await visit(t);
      // The first message finds no room; whatever comes later does.
      let refused = 0;
      await visitor.page.context().routeWebSocket(/\/ws\/visitor$/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((text) => {
          const { t, cmid } = JSON.parse(text);
          if (t !== "send" || refused++) return server.send(text);
          socket.send(JSON.stringify({ t: "nack", cmid, code: "storage_full", detail: "The disk is full." }));
        });
      });
      await visitor.open();
      await visitor.write("Is there room now?");

      await visitor.log.getByRole("button", { name: "Not sent. Tap to try again" }).click();

      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      await agent.open("Is there room now?");
      assert.deepEqual(await said(visitor), ["Is there room now?"]);
      assert.deepEqual(await heard(agent), ["Is there room now?"]);
    });

    test("loses and doubles nothing when the relay dies in the middle of a sentence", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.say("one");
      await agent.open("one");

      await visitor.write("two");
      await relay.crash();
      await visitor.write("three");
      await visitor.panel.getByText("Reconnecting…").waitFor();
      await visitor.write("four");
      await relay.resume();

      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      await agent.bubble("four").waitFor();
      await agent.answer("five");
      await visitor.bubble("five").waitFor();
      assert.deepEqual(await said(visitor), ["one", "two", "three", "four", "five"]);
      assert.deepEqual(await heard(agent), ["one", "two", "three", "four", "five"]);
    });
  });

  describe("on a slow line", () => {
    // Holds back the panel's program until `arrive` is called.
    async function visitWithout(t) {
      const visitor = await visit(t);
      let arrive;
      const arrived = new Promise((done) => (arrive = done));
      await visitor.page.route("**/*.wasm", async (route) => {
        await arrived;
        await route.continue();
      });
      await visitor.launcher.click();
      await visitor.panel.locator("#first:focus").waitFor();
      return { visitor, arrive };
    }

    test("can write before the panel's program has arrived", async (t) => {
      const { visitor, arrive } = await visitWithout(t);
      await visitor.page.keyboard.type("Early");
      await screenshot(visitor.page, "visitor-early");
      arrive();
      await visitor.panel.locator(".field:focus").waitFor();
      await visitor.page.keyboard.type(" bird\n");

      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      assert.deepEqual(await said(visitor), ["Early bird"]);
    });

    test("can send before the panel's program has arrived", async (t) => {
      const { visitor, arrive } = await visitWithout(t);
      await visitor.page.keyboard.type("Is anybody there?\n");
      arrive();

      await agent.open("Is anybody there?");
      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      assert.deepEqual(await said(visitor), ["Is anybody there?"]);
    });

    test("can leave again before the panel's program has arrived", async (t) => {
      const { visitor } = await visitWithout(t);
      await visitor.page.keyboard.press("Escape");

      await visitor.page.getByRole("button", { name: "Open chat" }).waitFor();
    });
  });

  describe("with a phone", () => {
    test("has the whole screen for the chat", async (t) => {
      const visitor = await visit(t, PHONE);
      await visitor.launcher.tap();
      await visitor.composer.waitFor();
      await visitor.say("From my phone");
      await screenshot(visitor.page, "visitor-phone");

      const { width, height } = PHONE.viewport;
      assert.deepEqual(await visitor.page.locator("iframe").boundingBox(), { x: 0, y: 0, width, height });
      const composer = await visitor.composer.boundingBox();
      assert.ok(composer.y + composer.height <= height, `the composer ends at ${composer.y + composer.height}`);
      assert.ok(composer.x + composer.width <= width);
      // Smaller letters would make phones zoom in on the field.
      assert.ok(parseFloat(await visitor.composer.evaluate((field) => getComputedStyle(field).fontSize)) >= 16);
    });

    test("does not move the page behind", async (t) => {
      const visitor = await visit(t, PHONE, "/long");
      await visitor.launcher.tap();
      await visitor.composer.waitFor();
      const panel = await panelFrame(visitor.page);
      await panel.evaluate(() => addEventListener("wheel", () => requestAnimationFrame(() => (globalThis.turned = true))));

      // Over the header, where nothing of the panel's own scrolls. The tap lands only once the panel takes what is meant for it.
      await visitor.panel.locator(".who").tap();
      await visitor.page.mouse.move(100, 32);
      await visitor.page.mouse.wheel(0, 400);
      await panel.waitForFunction(() => globalThis.turned);
      assert.equal(await visitor.page.evaluate(() => scrollY), 0);

      await visitor.panel.getByRole("button", { name: "Close chat" }).tap();
      await visitor.composer.waitFor({ state: "hidden" });
      await visitor.page.mouse.wheel(0, 300);
      await visitor.page.waitForFunction(() => scrollY === 300);
    });

    test("closes the chat with the Back button, and stays on the page", async (t) => {
      const visitor = await visit(t, PHONE, "/first");
      await visitor.page.goto(`${shop.origin}/second`);
      await visitor.launcher.tap();
      await visitor.composer.waitFor();

      await visitor.page.goBack();
      await visitor.composer.waitFor({ state: "hidden" });
      await visitor.launcher.waitFor();
      assert.equal(visitor.page.url(), `${shop.origin}/second`);

      // Nor is the way back any longer for whoever closes it in the panel.
      await visitor.launcher.tap();
      await visitor.composer.waitFor();
      await visitor.panel.getByRole("button", { name: "Close chat" }).tap();
      await visitor.page.waitForFunction(() => !history.state?.roost);
      await visitor.page.goBack();
      assert.equal(visitor.page.url(), `${shop.origin}/first`);
    });
  });

  describe("in the dark", () => {
    test("has a dark panel, and a light one again in the morning", async (t) => {
      const visitor = await visit(t, DARK);
      await visitor.open();
      await visitor.say("It is night here");
      await screenshot(visitor.page, "visitor-dark");
      assert.equal(await isDark(visitor), true);

      await visitor.page.emulateMedia({ colorScheme: "light" });
      await visitor.panel.locator("html[data-theme=light]").waitFor({ state: "attached" });
      assert.equal(await isDark(visitor), false);
    });

    test("gets the theme the page asks for", async (t) => {
      const visitor = await visit(t, DARK, "/light");
      await visitor.open();

      assert.equal(await isDark(visitor), false);
    });

    test("gets the theme the campaign asks for", async (t) => {
      const { items } = await agent.ask("GET", "/api/campaigns");
      const campaign = items.find((campaign) => campaign.key === key);
      const wear = (theme) => agent.ask("PATCH", `/api/campaigns/${campaign.id}`, { appearance: { ...campaign.appearance, theme } });
      await wear("dark");
      t.after(() => wear("auto"));
      const visitor = await visit(t);

      await visitor.open();

      assert.equal(await isDark(visitor), true);
    });
  });

  describe("without a mouse", () => {
    test("opens, writes, sends and closes", async (t) => {
      const visitor = await visit(t);
      const { keyboard } = visitor.page;
      const launcherHasFocus = () => visitor.page.locator("button[aria-expanded=false]:focus").waitFor();
      await keyboard.press("Tab");
      await keyboard.press("Tab");
      await launcherHasFocus();

      await keyboard.press("Enter");
      await visitor.panel.locator(".field:focus").waitFor();
      await keyboard.type("No mouse was used");
      await keyboard.press("Enter");
      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      assert.deepEqual(await said(visitor), ["No mouse was used"]);

      await keyboard.press("Escape");
      await launcherHasFocus();
      await visitor.composer.waitFor({ state: "hidden" });
    });

    test("finds everything in the panel in the order it is seen", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.composer.fill("something to send");
      const focused = () => visitor.panel.locator(":focus").evaluate((element) => element.getAttribute("aria-label") ?? element.className);

      const names = [];
      for (const step of ["Shift+Tab", "Shift+Tab", "Shift+Tab", "Tab", "Tab", "Tab", "Tab", "Tab"]) {
        await visitor.page.keyboard.press(step);
        names.push(await focused());
      }

      const backwards = ["thread", "Close chat", "Turn sound off"];
      assert.deepEqual(names, [...backwards, "Close chat", "thread", "Write a message…", "Emoji", "Send"]);
    });

    test("closes the emoji first, then the chat", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      const emoji = visitor.panel.getByRole("button", { name: "Emoji", exact: true });
      await emoji.press("Enter");
      const party = visitor.panel.getByRole("button", { name: "party", exact: true });
      await party.waitFor();

      await visitor.page.keyboard.press("Escape");
      await party.waitFor({ state: "hidden" });
      assert.equal(await visitor.composer.isVisible(), true);
      await visitor.panel.locator(".emoji:focus").waitFor();

      await visitor.page.keyboard.press("Escape");
      await visitor.composer.waitFor({ state: "hidden" });
    });
  });

  test("without a screen hears who said what, once", async (t) => {
    const visitor = await visit(t);
    await visitor.open();
    await visitor.say("Read it to me, please");
    await agent.open("Read it to me, please");
    await agent.answer("With pleasure.");

    const announced = visitor.panel.locator("[aria-live=polite]").filter({ hasText: "Ada Lindqvist: With pleasure." });
    await announced.waitFor({ state: "attached" });
    assert.equal(await announced.count(), 1);
    // The list itself is silent, or every message would be read twice.
    assert.equal(await visitor.log.getAttribute("aria-live"), "off");
    await visitor.log.getByText("You:").waitFor();
    await visitor.log.getByText("Ada Lindqvist:").waitFor();
  });

  test("with 320 pixels never scrolls sideways", async (t) => {
    const visitor = await visit(t, NARROW);
    const isTooWide = () => document.documentElement.scrollWidth > innerWidth;
    assert.equal(await visitor.page.evaluate(isTooWide), false);
    await visitor.open();
    await visitor.say(`https://shop.example/${"tent-".repeat(40)} ${"W".repeat(200)}`);
    await visitor.panel.getByRole("button", { name: "Emoji", exact: true }).click();
    await screenshot(visitor.page, "visitor-narrow");

    assert.equal(await visitor.page.evaluate(isTooWide), false);
    const panel = await panelFrame(visitor.page);
    const wide = await panel.evaluate(() =>
      [...document.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > innerWidth || (element.matches(".thread, .choices, .composer") && element.scrollWidth > element.clientWidth)).map((element) => element.className),
    );
    assert.deepEqual(wide, []);
  });

  test("on a page that reads from the right has a panel that does, too", async (t) => {
    const visitor = await visit(t, {}, "/arabic");
    await visitor.open();
    await visitor.say("كم ثمن الخيمة؟");
    await screenshot(visitor.page, "visitor-rtl");

    const close = await visitor.panel.getByRole("button", { name: "Close chat" }).boundingBox();
    const name = await visitor.panel.getByRole("heading").boundingBox();
    const bubble = await visitor.bubble("كم ثمن الخيمة؟").boundingBox();
    const panel = await visitor.page.locator("iframe").boundingBox();
    assert.ok(close.x < name.x, "the way out is on the left");
    assert.ok(bubble.x - panel.x < panel.x + panel.width - bubble.x - bubble.width, "own words stand on the left");
  });

  test("on a German page reads German", async (t) => {
    const visitor = await visit(t, {}, "/german");
    assert.equal(await visitor.launcher.getAttribute("aria-label"), "Chat öffnen");

    await visitor.open();

    await visitor.panel.getByText("Hallo! Wie können wir helfen?").waitFor();
    await visitor.panel.getByPlaceholder("Nachricht schreiben…").waitFor();
    await visitor.write("Was kostet das Zelt?");
    await visitor.progress(/^(Gesendet|Zugestellt|Gelesen)$/).waitFor();
    assert.equal(await visitor.panel.locator("html").getAttribute("lang"), "de");
  });

  describe("with a machine that reads aloud", () => {
    for (const [light, options] of [["light", {}], ["dark", DARK]]) {
      test(`finds no obstacle: ${light}`, async (t) => {
        const visitor = await visit(t, options);
        assert.deepEqual(await violations(visitor.page.mainFrame()), []);
        await visitor.open();
        const panel = await panelFrame(visitor.page);
        assert.deepEqual(await violations(panel), [], "an empty panel");

        const question = `Any obstacles in the ${light}?`;
        await visitor.say(question);
        await agent.open(question);
        await agent.answer("None that we know, see https://example.com/a11y");
        await visitor.log.getByRole("link").waitFor();
        // The relay cannot store this one.
        await visitor.page.evaluate(() => globalThis.Roost("send", "Not\0sendable"));
        await visitor.log.getByRole("button", { name: "Not sent. Tap to try again" }).waitFor();
        await visitor.panel.getByRole("button", { name: "Emoji", exact: true }).click();
        await screenshot(visitor.page, `visitor-everything-${light}`);

        assert.deepEqual(await violations(panel), [], "a conversation");
        assert.deepEqual(await violations(visitor.page.mainFrame()), [], "the page around an open panel");
      });
    }
  });

  describe("who reads and writes", () => {
    test("follows a link without telling where from", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      const address = `${shop.origin}/other`;
      await visitor.say(`Is it this one? ${address}`);
      const link = visitor.log.getByRole("link", { name: address });
      assert.equal(await link.getAttribute("target"), "_blank");
      const opened = visitor.page.context().waitForEvent("page");

      await link.click();

      const other = await opened;
      await other.waitForURL(address);
      assert.deepEqual(await other.evaluate(() => [globalThis.opener, document.referrer]), [null, ""]);
      assert.equal(await visitor.composer.isVisible(), true);
    });

    test("breaks lines with Shift and Enter, and both sides see them", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.page.keyboard.type("Dear shop,");
      await visitor.page.keyboard.press("Shift+Enter");
      await visitor.page.keyboard.press("Shift+Enter");
      await visitor.page.keyboard.type("two tents, please.");
      await visitor.page.keyboard.press("Enter");

      const lines = ["Dear shop,", "", "two tents, please."];
      await visitor.progress(/^(Sent|Delivered|Read)$/).waitFor();
      assert.deepEqual(await linesOf(visitor.bubble("Dear shop,")), lines);
      await agent.open("two tents, please.");
      assert.deepEqual(await linesOf(agent.bubble("Dear shop,")), lines);
    });

    test("puts an emoji behind the words", async (t) => {
      const visitor = await visit(t);
      await visitor.open();
      await visitor.composer.fill("Thank you ");
      await visitor.panel.getByRole("button", { name: "Emoji", exact: true }).click();

      await visitor.panel.getByRole("button", { name: "party", exact: true }).click();
      await visitor.panel.locator(".field:focus").waitFor();
      assert.equal(await visitor.composer.inputValue(), "Thank you 🎉");

      await visitor.page.keyboard.press("Enter");
      await visitor.bubble("Thank you 🎉").waitFor();
    });
  });
});

// The messages in the panel and in the inbox, from top to bottom.
const said = (visitor) => visitor.log.locator(".bubble").allInnerTexts();
const heard = (agent) => agent.page.locator(".thread .rich-text").allInnerTexts();

// What stands on each line one can see, an empty one included.
async function linesOf(bubble) {
  const lines = await bubble.locator(":is(.line, .rich-line):visible").allInnerTexts();
  return lines.map((line) => line.trim());
}

// Whether what the visitor looks at is nearer to black than to white.
async function isDark(visitor) {
  const color = await visitor.panel.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  const [red, green, blue] = color.match(/\d+/g).map(Number);
  return red + green + blue < 3 * 128;
}
