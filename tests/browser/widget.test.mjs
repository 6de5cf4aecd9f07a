// What a website pays for the widget, and what the widget does to the page around it.
import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { Agent, Visitor, launch, newContext, panelFrame } from "./harness/browser.mjs";
import { Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";
import { idle, kept, path, requests } from "./harness/watch.mjs";

// What browsers may load on a page as strict as can be.
const strict = (relay) => `default-src 'none'; style-src 'none'; script-src ${relay}; frame-src ${relay}; connect-src ${relay}`;

const BOOT = "/api/widget/boot";

describe("widget", { timeout: 180_000 }, () => {
  let relay, shop, stranger, browser, agentContext, agent, context;
  let key, snippet, help;

  before(async () => {
    relay = await Relay.start();
    shop = await Site.start("shop", (path) => shopPages(path));
    stranger = await Site.start("stranger", (path) => strangerPages(path));
    ({ key, snippet } = await relay.createWidget("Shop", shop.origin));
    help = await relay.createWidget("Help desk", shop.origin);
    browser = await launch();
    agentContext = await newContext(browser);
    agent = await Agent.signIn(agentContext, relay);
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await stranger?.stop();
    await relay?.stop();
  });
  beforeEach(async () => {
    context = await newContext(browser);
  });
  afterEach(() => context.close());

  function shopPages(path) {
    switch (path) {
      case "/plain":
        return { body: shopPage("") };
      case "/strict":
        return { body: shopPage(snippet), headers: { "content-security-policy": strict(relay.url) } };
      case "/nonce":
        return {
          body: shopPage(snippet.replace("<script", "<script nonce=r4nd0m")),
          headers: { "content-security-policy": strict(relay.url).replace(/script-src \S+;/, "script-src 'nonce-r4nd0m';") },
        };
      case "/twice":
        return { body: shopPage(snippet + snippet) };
      case "/two":
        return { body: shopPage(snippet.replace("async", "") + help.snippet.replace("async", 'data-global="Help" data-corner="left"')) };
      default:
        return { body: shopPage(snippet) };
    }
  }

  function strangerPages(path) {
    return { body: shopPage(path === "/frame" ? `<iframe src="${frameAddress()}"></iframe>` : snippet) };
  }

  const boots = (asked) => asked.map(path).filter((path) => path === BOOT);
  const frameAddress = () => `${relay.url}/widget/frame?key=${key}`;

  describe("a page view", () => {
    test("costs one request and leaves nothing behind until somebody shows interest", async () => {
      const asked = requests(context, relay);
      const visitor = await Visitor.at(context, shop.origin);
      await idle(visitor.page);

      assert.deepEqual(asked.map(path), ["/embed.js"]);
      assert.equal(await visitor.page.locator("iframe").count(), 0);
      assert.deepEqual(await kept(context, visitor.page), []);

      await visitor.launcher.hover();
      await visitor.page.locator("iframe").waitFor({ state: "attached" });
      assert.ok(asked.length > 1);
    });

    test("costs somebody who wrote before one question more, and the panel only when there is an answer", async () => {
      const visitor = await Visitor.at(context, shop.origin);
      await visitor.open();
      await visitor.say("I will read your answer later");
      await visitor.panel.getByRole("button", { name: "Close chat" }).click();
      const asked = requests(context, relay);
      const paths = () => asked.map(path).filter((path) => !path.includes("/bridge-"));
      const answered = visitor.page.waitForResponse((response) => path(response.url()) === BOOT && response.request().method() === "POST");
      await visitor.page.goto(`${shop.origin}/other`);
      await (await answered).finished();
      await idle(visitor.page);

      assert.deepEqual(paths(), ["/embed.js", BOOT]);
      assert.equal(await visitor.page.locator("iframe").count(), 0);

      // Whoever points at it has the panel, without another question.
      await visitor.launcher.hover();
      await visitor.page.locator("iframe").waitFor({ state: "attached" });
      await visitor.open();
      await visitor.bubble("I will read your answer later").waitFor();
      assert.deepEqual(boots(asked), [BOOT]);

      await visitor.panel.getByRole("button", { name: "Close chat" }).click();
      await visitor.page.goto("about:blank");
      await agent.open("I will read your answer later");
      await agent.answer("Here it is.");
      asked.length = 0;
      await visitor.page.goto(shop.origin);
      await visitor.page.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
      await visitor.page.locator("iframe").waitFor({ state: "attached" });
      await visitor.open();
      await visitor.bubble("Here it is.").waitFor();
      assert.deepEqual(boots(asked), [BOOT]);
    });

    test("makes one global, called Roost", async () => {
      const page = await context.newPage();
      await page.goto(`${shop.origin}/plain`);
      const before = await page.evaluate(() => Object.getOwnPropertyNames(window));
      const visitor = await Visitor.at(context, shop.origin);
      await visitor.open();

      const now = await visitor.page.evaluate(() => Object.getOwnPropertyNames(window));

      // Frames are numbered in the window.
      assert.deepEqual(now.filter((name) => !before.includes(name) && !/^\d+$/.test(name)), ["Roost"]);
    });

    test("keeps nothing on the device before the first message", async () => {
      const visitor = new Visitor(await context.newPage());
      const live = visitor.page.waitForEvent("websocket").then((socket) => socket.waitForEvent("framereceived"));
      await visitor.page.goto(shop.origin);
      await visitor.open();
      await visitor.composer.pressSequentially("I may never send this");
      await visitor.panel.getByRole("button", { name: "Turn sound off" }).click();
      await live;

      const panel = await panelFrame(visitor.page);
      assert.deepEqual(await kept(context, visitor.page, panel), []);

      await visitor.say("Now I did");
      const names = await kept(context, visitor.page, panel);
      assert.ok(names.some((name) => name.startsWith("local roost:")), `kept: ${names}`);
      assert.deepEqual(names.filter((name) => !name.startsWith("local roost:")), []);
    });
  });

  test("a browser that forbids storage costs the visitor nothing but the memory", async () => {
    const visitor = new Visitor(await context.newPage());
    await visitor.page.addInitScript(() => {
      const get = () => {
        throw new DOMException("denied", "SecurityError");
      };
      for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, { get });
    });
    await visitor.page.goto(shop.origin);
    await visitor.open();

    await visitor.say("My browser forgets");
    await agent.open("My browser forgets");
    await agent.answer("Ours does not.");

    await visitor.bubble("Ours does not.").waitFor();
  });

  describe("a site that is not allowed", () => {
    test("shows no panel, hides the launcher and tells the developer what to do", async () => {
      const visitor = new Visitor(await context.newPage());
      const mistakes = [];
      visitor.page.on("pageerror", (error) => mistakes.push(error.message));
      await visitor.page.goto(stranger.origin);
      const told = visitor.page.waitForEvent("console", (message) => message.text().includes("may not show this widget"));

      await visitor.launcher.click();

      const words = (await told).text();
      assert.equal(words, `Roost: ${stranger.origin} may not show this widget. Add it to the allowed origins of its campaign.`);
      await visitor.launcher.waitFor({ state: "hidden" });
      assert.equal(await visitor.page.locator("iframe").count(), 0);
      assert.deepEqual(mistakes, []);
      await visitor.page.getByRole("link", { name: "Other page" }).click();
      await visitor.page.waitForURL("**/other");
    });

    test("cannot put the panel into a frame of its own", async () => {
      const page = await context.newPage();
      const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));

      await page.goto(`${stranger.origin}/frame`);

      await refused;
      const panel = await panelFrame(page);
      assert.equal(await panel.locator(".panel").count(), 0);
    });

    test("opened as a page, the panel does not take a word", async () => {
      const page = await context.newPage();
      await page.goto(frameAddress());

      await page.getByRole("textbox").waitFor();

      assert.equal(await page.getByRole("textbox").isDisabled(), true);
    });
  });

  describe("a page with a strict policy", () => {
    for (const place of ["strict", "nonce"]) {
      test(`loses nothing: ${place}`, async () => {
        const visitor = new Visitor(await context.newPage());
        await visitor.page.addInitScript(() => {
          globalThis.refused = [];
          document.addEventListener("securitypolicyviolation", (event) => globalThis.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
        });
        await visitor.page.goto(`${shop.origin}/${place}`);
        await visitor.launcher.waitFor();

        assert.deepEqual(
          await visitor.launcher.evaluate((button) => {
            const { position, width, height, backgroundColor } = getComputedStyle(button);
            return { position, width, height, backgroundColor };
          }),
          { position: "fixed", width: "56px", height: "56px", backgroundColor: "rgb(15, 118, 110)" },
        );
        await visitor.open();
        await visitor.say("Said under a strict policy");

        const panel = await panelFrame(visitor.page);
        for (const frame of [visitor.page, panel]) assert.deepEqual(await frame.evaluate(() => globalThis.refused), []);
      });
    }
  });

  describe("several snippets on a page", () => {
    test("two widgets have a launcher and a conversation each", async () => {
      const page = await context.newPage();
      await page.goto(`${shop.origin}/two`);
      const launchers = page.locator("button[aria-expanded]");
      const buyer = new Visitor(page, `iframe[src$="${key}"]`, launchers.first());
      const owner = new Visitor(page, `iframe[src$="${help.key}"]`, launchers.last());
      await launchers.nth(1).waitFor();

      await buyer.open();
      await buyer.say("I want to buy a tent");
      await owner.open();
      await owner.say("My tent is broken");

      await agent.open("I want to buy a tent");
      await agent.page.locator(".thread").getByText("Shop", { exact: true }).waitFor();
      await agent.answer("Which one?");
      await agent.open("My tent is broken");
      await agent.page.locator(".thread").getByText("Help desk", { exact: true }).waitFor();
      await agent.answer("We mend it.");
      await buyer.bubble("Which one?").waitFor();
      await owner.bubble("We mend it.").waitFor();
      assert.equal(await buyer.bubble("We mend it.").count(), 0);
      assert.equal(await owner.bubble("Which one?").count(), 0);
      assert.equal(await launchers.count(), 2);
    });

    test("the same line pasted twice makes one launcher", async () => {
      const visitor = await Visitor.at(context, `${shop.origin}/twice`);
      await idle(visitor.page);

      assert.equal(await visitor.page.locator("button[aria-expanded]").count(), 1);
    });
  });

  test("a page that renders itself anew keeps the open conversation and loads nothing again", async () => {
    const visitor = await Visitor.at(context, shop.origin);
    await visitor.open();
    await visitor.say("Stay with me");
    await visitor.composer.fill("half a sentence");
    const asked = requests(context, relay);

    await visitor.page.evaluate(() => {
      history.pushState({}, "", "/tents/fjord");
      const body = document.createElement("body");
      body.innerHTML = "<main><h1>Fjord</h1></main>";
      document.body.replaceWith(body);
    });
    await visitor.page.getByRole("heading", { name: "Fjord" }).waitFor();

    assert.equal(await visitor.composer.inputValue(), "half a sentence");
    await visitor.say("We are on another page now");
    assert.equal(await visitor.bubble("Stay with me").count(), 1);
    assert.equal(await visitor.launcher.count(), 1);
    assert.deepEqual(asked.map(path), []);
  });
});
