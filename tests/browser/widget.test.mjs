// What a website pays for the widget, and what the widget does to the page around it.
import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { Agent, Visitor, launch, newContext, panelFrame } from "./harness/browser.mjs";
import { Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";

// Pasted before the snippet: calls made before the loader is there wait in a queue.
const STUB = "<script>window.Roost = window.Roost || function () { (Roost.q = Roost.q || []).push(arguments) }</script>";

// What browsers may load on a page as strict as can be.
const strict = (relay) => `default-src 'none'; style-src 'none'; script-src ${relay}; frame-src ${relay}; connect-src ${relay}`;

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
      case "/early":
        return { body: shopPage(`${STUB}<script>Roost("prefill", "Is it waterproof?"); Roost("open")</script>${snippet}`) };
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

  describe("the calls a page can make", () => {
    let visitor;

    beforeEach(async () => {
      visitor = await Visitor.at(context, shop.origin);
    });

    const roost = (...call) => visitor.page.evaluate((call) => globalThis.Roost(...call), call);
    const state = () => roost("get", "state");

    // Starts to write down everything the widget tells the page.
    const listen = (...names) =>
      visitor.page.evaluate((names) => {
        globalThis.heard = [];
        for (const name of names) globalThis.Roost("on", name, (detail) => globalThis.heard.push([name, detail]));
      }, names);
    // Waits until the page was told of this, and gives what it was told.
    const heard = async (name) => {
      await visitor.page.waitForFunction((name) => globalThis.heard.some(([heard]) => heard === name), name);
      return visitor.page.evaluate((name) => globalThis.heard.findLast(([heard]) => heard === name)[1], name);
    };

    test("made before the loader is there are made up for", async () => {
      await visitor.page.goto(`${shop.origin}/early`);
      await visitor.isOpenAgain();

      await visitor.page.waitForFunction(() => globalThis.Roost("get", "open"));
      await visitor.panel.locator(".send:enabled").waitFor();
      assert.equal(await visitor.composer.inputValue(), "Is it waterproof?");
    });

    test("open, close and toggle the panel", async () => {
      await listen("open", "close");
      await roost("open");
      await visitor.composer.waitFor();
      await heard("open");
      assert.equal((await state()).open, true);

      await roost("close");
      await visitor.composer.waitFor({ state: "hidden" });
      await heard("close");
      assert.equal((await state()).open, false);

      await roost("toggle");
      await visitor.composer.waitFor();
      await roost("toggle");
      await visitor.composer.waitFor({ state: "hidden" });
    });

    test("hide and show the launcher", async () => {
      await roost("hide");
      await visitor.launcher.waitFor({ state: "hidden" });

      await roost("show");
      await visitor.launcher.waitFor();

      await visitor.open();
      await roost("hide");
      await visitor.composer.waitFor({ state: "hidden" });
      await visitor.launcher.waitFor({ state: "hidden" });
    });

    test("tell the page what happens in the conversation", async () => {
      await listen("ready", "message:sent", "message:received", "unread", "conversation:started");
      await visitor.page.evaluate(() => addEventListener("roost:message:received", (event) => (globalThis.asEvent = event.detail)));
      await visitor.open();
      await heard("ready");
      await visitor.say("What does the page hear?");
      const sent = await heard("message:sent");
      assert.equal(sent.conversation, (await state()).conversationId);
      assert.equal((await heard("conversation:started")).conversation, sent.conversation);
      await roost("close");

      await agent.open("What does the page hear?");
      await agent.answer("Everything.");

      const received = await heard("message:received");
      assert.equal(received.text, "Everything.");
      assert.equal(received.author, "Ada Lindqvist");
      assert.equal(received.conversation, sent.conversation);
      assert.deepEqual(await visitor.page.evaluate(() => globalThis.asEvent), received);
      assert.deepEqual(await heard("unread"), { unread: 1 });
      assert.equal((await state()).unread, 1);
    });

    test("stop telling a listener that has left", async () => {
      await visitor.page.evaluate(() => {
        globalThis.times = { left: 0, once: 0, all: 0 };
        globalThis.Roost("on", "open", () => globalThis.times.left++)();
        globalThis.Roost("once", "open", () => globalThis.times.once++);
        globalThis.Roost("on", "open", () => globalThis.times.all++);
      });

      await roost("open");
      await roost("close");
      await roost("open");

      await visitor.page.waitForFunction(() => globalThis.times.all === 2);
      assert.deepEqual(await visitor.page.evaluate(() => globalThis.times), { left: 0, once: 1, all: 2 });
    });

    test("write and send for the visitor", async () => {
      await roost("open");
      await roost("prefill", "I have a question about ");
      await visitor.panel.locator(".send:enabled").waitFor();
      assert.equal(await visitor.composer.inputValue(), "I have a question about ");

      await roost("send", "Sent by the page itself");
      await visitor.bubble("Sent by the page itself").waitFor();

      await agent.open("Sent by the page itself");
    });

    test("send without opening the panel", async () => {
      await roost("send", "Sent behind a closed panel");

      await agent.open("Sent behind a closed panel");
      assert.equal((await state()).open, false);
    });

    test("say who the visitor is, for the agent to see", async () => {
      await roost("identify", { id: "c-1042", name: "Astrid Berg", email: "astrid@example.com", company: "Berg AS" });
      await roost("setAttributes", { plan: "gold" });
      await roost("addTags", "vip", "tents");
      await visitor.open();
      await visitor.say("Do you know who I am?");

      await agent.open("Do you know who I am?");

      const details = agent.page.getByRole("complementary", { name: "Details" });
      for (const fact of ["Astrid Berg", "astrid@example.com", "Berg AS", "c-1042", "gold", "vip, tents"]) {
        await details.getByText(fact, { exact: true }).waitFor();
      }
      await details.getByText("Not verified.").waitFor();
    });

    test("change the theme, the language and the side", async () => {
      await visitor.open();
      const shade = async () => visitor.panel.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
      const light = await shade();

      await roost("setTheme", "dark");
      await visitor.panel.locator("[data-theme=dark]").waitFor();
      assert.notEqual(await shade(), light);

      await roost("setLocale", "de");
      await visitor.panel.getByPlaceholder("Nachricht schreiben…").waitFor();

      const { x } = await visitor.launcher.boundingBox();
      await roost("setPosition", "left");
      assert.ok((await visitor.launcher.boundingBox()).x < x);
    });

    test("shut down: the visitor is forgotten, and boot begins anew", async () => {
      await visitor.open();
      await visitor.say("Forget me, please");
      const panel = await panelFrame(visitor.page);
      assert.notDeepEqual(await kept(context, visitor.page, panel), []);

      await roost("shutdown");
      await visitor.launcher.waitFor({ state: "hidden" });
      await visitor.page.locator("iframe").waitFor({ state: "detached" });
      assert.deepEqual(await kept(context, visitor.page), []);

      await roost("boot");
      await visitor.open();
      assert.deepEqual(await kept(context, visitor.page, await panelFrame(visitor.page)), []);
      await visitor.say("I am somebody else");
      assert.equal(await visitor.bubble("Forget me, please").count(), 0);
    });

    test("destroy: everything of the widget leaves the page", async () => {
      const before = await elements(visitor.page, `${shop.origin}/plain`);
      await visitor.page.goto(shop.origin);
      await visitor.open();

      await roost("destroy");

      await visitor.launcher.waitFor({ state: "detached" });
      assert.deepEqual(await elements(visitor.page), before);
      assert.deepEqual(await kept(context, visitor.page), []);
    });

    test("that do not exist warn and harm nothing", async () => {
      const warned = visitor.page.waitForEvent("console", (message) => message.type() === "warning");
      await roost("open");
      await roost("fly");

      assert.equal((await warned).text(), 'Roost: there is no call "fly".');
      await visitor.composer.waitFor();
    });
  });
});

// What is asked of the relay from now on, in order.
function requests(context, relay) {
  const asked = [];
  context.on("request", (request) => request.url().startsWith(relay.url) && asked.push(request.url()));
  return asked;
}

const path = (address) => new URL(address).pathname;

// The page has nothing left to do.
const idle = (page) => page.evaluate(() => new Promise((done) => requestIdleCallback(() => done())));

// Everything on the device: of the page, of the frames given, and the cookies of everybody.
async function kept(context, ...frames) {
  const cookies = (await context.cookies()).map(({ name }) => `cookie ${name}`);
  const stored = frames.map((frame) =>
    frame.evaluate(async () => [
      ...Object.keys(localStorage).map((name) => `local ${name}`),
      ...Object.keys(sessionStorage).map((name) => `session ${name}`),
      ...(await indexedDB.databases()).map(({ name }) => `database ${name}`),
      ...(globalThis.caches ? await caches.keys() : []).map((name) => `cache ${name}`),
    ]),
  );
  return [...cookies, ...(await Promise.all(stored)).flat()];
}

// The page's elements outside the body's text, as a list of tags.
async function elements(page, address) {
  if (address) await page.goto(address);
  return page.evaluate(() => [...document.querySelectorAll("*")].map((element) => element.localName).filter((name) => name !== "script"));
}
