// The calls, settings and events a page has, and what they cost it.
import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { Agent, Visitor, launch, newContext, panelFrame } from "./harness/browser.mjs";
import { identityToken } from "./harness/identity.mjs";
import { Relay } from "./harness/relay.mjs";
import { Site, shopPage } from "./harness/site.mjs";
import { elements, idle, kept, path, requests } from "./harness/watch.mjs";

// Pasted before the snippet: calls made before the loader is there wait in a queue.
const STUB = "<script>window.Roost = window.Roost || function () { (Roost.q = Roost.q || []).push(arguments) }</script>";

describe("calls", { timeout: 240_000 }, () => {
  let relay, shop, search, browser, agent, context;
  let key, snippet;

  before(async () => {
    relay = await Relay.start();
    shop = await Site.start("shop", (path) => ({ body: shopPage(pasted(path)) }));
    search = await Site.start("search", () => ({ body: `<!doctype html><title>Found</title><meta name="referrer" content="unsafe-url"><a href="${shop.origin}/">Shop</a>` }));
    ({ key, snippet } = await relay.createWidget("Shop", shop.origin));
    browser = await launch();
    agent = await Agent.signIn(await newContext(browser), relay);
  });
  after(async () => {
    await browser?.close();
    await shop?.stop();
    await search?.stop();
    await relay?.stop();
  });
  beforeEach(async () => {
    context = await newContext(browser);
  });
  afterEach(() => context.close());

  // What the shop has pasted into a page: "/with?…" carries calls that are made before the loader is there.
  function pasted(address) {
    const { pathname, search } = new URL(address, shop.origin);
    switch (pathname) {
      case "/plain":
        return "";
      case "/early":
        return `${STUB}<script>Roost("prefill", "Is it waterproof?"); Roost("open")</script>${snippet}`;
      case "/with":
        return `${STUB}<script>for (const call of ${decodeURIComponent(search.slice(1))}) Roost(...call)</script>${snippet}`;
      case "/key":
        return `<script async src="${relay.url}/embed.js" data-key="${key}"></script>`;
      case "/data":
        return snippet.replace("async", 'async data-color="#111111" data-corner="left"');
      case "/settings":
        return `<script>window.RoostSettings = { color: "#222222", offsetX: 50 }</script>${snippet.replace("async", 'async data-color="#111111" data-corner="left"')}`;
      case "/booted":
        return `<script>window.RoostSettings = { color: "#222222", offsetX: 50 }</script>${STUB}<script>Roost("boot", { color: "#333333" })</script>${snippet.replace("async", 'async data-color="#111111" data-corner="left"')}`;
      default:
        return snippet;
    }
  }

  const pageWith = (...calls) => `${shop.origin}/with?${encodeURIComponent(JSON.stringify(calls))}`;
  const color = (visitor) => visitor.launcher.evaluate((button) => getComputedStyle(button).backgroundColor);

  describe("at page load", () => {
    for (const call of [
      ["boot", { corner: "left" }],
      ["update", { corner: "left" }],
      ["setPosition", "left"],
      ["setPosition", { corner: "left" }],
    ]) {
      test(`${call[0]} changes the button and costs no request: ${JSON.stringify(call[1])}`, async () => {
        const asked = requests(context, relay);
        const visitor = await Visitor.at(context, pageWith(call));
        await idle(visitor.page);

        assert.ok((await visitor.launcher.boundingBox()).x < 100);
        assert.deepEqual(asked.map(path), ["/embed.js"]);
        assert.deepEqual(await kept(context, visitor.page), []);

        await visitor.open();
        assert.ok((await visitor.launcher.boundingBox()).x < 100, "the campaign's own side does not come back");
      });
    }

    for (const [verb, state] of [["logout", "visible"], ["shutdown", "hidden"], ["destroy", "detached"]]) {
      test(`${verb} does its work without the panel`, async () => {
        const asked = requests(context, relay);
        const visitor = new Visitor(await context.newPage());
        const bridge = visitor.page.waitForEvent("requestfinished", (request) => path(request.url()).includes("/bridge-"));
        await visitor.page.goto(pageWith([verb]));
        await bridge;

        await visitor.page.locator("button").waitFor({ state });
        await idle(visitor.page);
        assert.deepEqual(asked.map(path).filter((path) => !path.includes("/bridge-")), ["/embed.js"]);
      });
    }

    test("who points at the button after a logout gets the panel all the same", async () => {
      const visitor = new Visitor(await context.newPage());
      const bridge = visitor.page.waitForEvent("requestfinished", (request) => path(request.url()).includes("/bridge-"));
      await visitor.page.goto(pageWith(["logout"]));
      await bridge;
      await idle(visitor.page);
      assert.equal(await visitor.page.locator("iframe").count(), 0);

      await visitor.launcher.hover();
      await visitor.page.locator("iframe").waitFor({ state: "attached" });
      await visitor.open();
    });

    test("get knows everything before anything is loaded, by name, too", async () => {
      const visitor = await Visitor.at(context, shop.origin);
      const get = (...names) => visitor.page.evaluate((names) => globalThis.Roost("get", ...names), names);
      const before = { ready: false, open: false, unread: 0, availability: null, conversationId: null, visitorId: null, consent: true };

      assert.deepEqual(await get("state"), before);
      assert.deepEqual(await get(), before);
      for (const [name, value] of Object.entries(before)) assert.equal(await get(name), value, name);
      assert.equal(await get("weather"), undefined);

      await visitor.page.evaluate(() => globalThis.Roost("consent", false));
      assert.equal(await get("consent"), false);
      await visitor.open();
      assert.deepEqual(Object.keys(await get("state")), Object.keys(before));
      assert.equal(await get("open"), true);
      assert.equal(await get("consent"), false);
    });
  });

  describe("what the agent learns", () => {
    const details = () => agent.page.getByRole("complementary", { name: "Details" });
    const told = (visitor) => visitor.page.waitForRequest((request) => path(request.url()) === "/api/widget/boot" && request.method() === "POST");

    test("where the visitor came from is the first other site, not the page before", async () => {
      const visitor = new Visitor(await context.newPage());
      await visitor.page.goto(search.origin);
      await visitor.page.getByRole("link", { name: "Shop" }).click();
      const first = told(visitor);
      await visitor.open();
      assert.equal((await first).postDataJSON().page.referrer, `${search.origin}/`);
      await visitor.say("I searched for you");

      const second = told(visitor);
      await visitor.page.getByRole("link", { name: "Other page" }).click({ position: { x: 2, y: 2 } });
      assert.equal((await second).postDataJSON().page.referrer, "");
      await visitor.isOpenAgain();
      await visitor.say("And looked around");

      await agent.open("And looked around");
      await details().getByRole("link", { name: `${search.origin}/` }).waitFor();
    });

    for (const [how, prepare] of [["is told by the browser", () => {}], ["has to be looked for", () => Object.defineProperty(globalThis, "navigation", { value: undefined })]]) {
      test(`which page the visitor went on to without loading it, when that ${how}`, async () => {
        const visitor = new Visitor(await context.newPage());
        await visitor.page.addInitScript(prepare);
        await visitor.page.goto(shop.origin);
        await visitor.open();
        await visitor.say(`I look around; it ${how}`);
        await agent.open(`I look around; it ${how}`);
        await details().getByRole("link", { name: "Shop", exact: true }).waitFor();

        await visitor.page.evaluate(() => {
          history.pushState({}, "", "/tents/fjord");
          document.title = "The Fjord tent";
        });

        const link = details().getByRole("link", { name: "The Fjord tent" });
        await link.waitFor();
        assert.equal(await link.getAttribute("href"), `${shop.origin}/tents/fjord`);
      });
    }

    test("what one page said of the visitor stays when the next says nothing, and goes when it is taken back", async () => {
      const visitor = await Visitor.at(context, pageWith(["identify", { email: "ida@example.com" }], ["setAttributes", { plan: "gold", cart: "3" }], ["addTags", "vip", "tents"]));
      await visitor.open();
      await visitor.say("Here I am known");
      await visitor.page.goto(pageWith(["removeAttribute", "cart"], ["addTags", "boats"], ["removeTags", "vip"]));
      await visitor.isOpenAgain();
      await visitor.say("Am I still?");

      await agent.open("Am I still?");
      for (const fact of ["ida@example.com", "gold", "tents, boats"]) await details().getByText(fact, { exact: true }).waitFor();
      assert.equal(await details().getByText("cart", { exact: true }).count(), 0);
    });
  });

  describe("settings", () => {
    test("data attributes, RoostSettings and boot each prevail over what comes before", async () => {
      for (const [page, expected] of [["/data", "rgb(17, 17, 17)"], ["/settings", "rgb(34, 34, 34)"], ["/booted", "rgb(51, 51, 51)"]]) {
        const visitor = await Visitor.at(context, shop.origin + page);
        assert.equal(await color(visitor), expected, page);
        const { x } = await visitor.launcher.boundingBox();
        assert.equal(x, page === "/data" ? 20 : 50, page);

        await visitor.open();
        assert.equal(await color(visitor), expected, `${page}, with the panel open`);
        assert.equal((await visitor.launcher.boundingBox()).x, x);
        await visitor.page.close();
      }
    });

    test("the key may be given beside a plain embed.js", async () => {
      const visitor = await Visitor.at(context, `${shop.origin}/key`);
      await visitor.open();

      await visitor.say("The key stands beside");
      await agent.open("The key stands beside");
    });
  });

  describe("of a page", () => {
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

    test("are told when the relay knows who the visitor is, and when it cannot", async () => {
      await listen("identify:ok", "identify:error");
      await roost("identify", { shoe: 43 });
      await visitor.launcher.hover();
      assert.deepEqual(await heard("identify:error"), { code: "nobody" });

      await roost("identify", { id: "c-7", name: "Ines" });
      await visitor.open();
      assert.deepEqual(await heard("identify:ok"), { id: "c-7" });

      await context.route(`${relay.url}/api/widget/boot`, (route) => route.abort());
      await roost("identify", { id: "c-8" });
      await visitor.page.waitForFunction(() => globalThis.heard.some(([, detail]) => detail.code === "network"));
      assert.deepEqual(await heard("identify:error"), { code: "network" });
    });

    test("prove who the visitor is, whose conversation follows them and hides from the next one", async () => {
      const { items } = await agent.ask("GET", "/api/campaigns");
      const campaign = items.find(({ name }) => name === "Shop").id;
      const { secret } = await agent.ask("POST", `/api/campaigns/${campaign}/identity-secret`);
      const tokenOf = (sub, claims = {}, age = 0) => identityToken({ campaign, secret }, { sub, ...claims }, age);
      await visitor.open();
      await visitor.say("Before I signed in");

      // Somebody who signs in while they talk.
      await listen("identify:ok", "identify:error");
      await roost("identify", { token: tokenOf("u-1", { name: "Astrid Berg", email: "astrid@example.com" }), email: "unsigned@example.com" });
      assert.deepEqual(await heard("identify:ok"), { id: null, verified: true });
      await visitor.bubble("Before I signed in").waitFor({ state: "detached" });
      await visitor.say("Now you know me");

      await agent.open("Now you know me");
      const details = agent.page.getByRole("complementary", { name: "Details" });
      for (const fact of ["Verified", "Astrid Berg", "astrid@example.com", "u-1"]) await details.getByText(fact, { exact: true }).waitFor();
      assert.equal(await details.getByText("unsigned@example.com").count(), 0);
      await agent.open("Before I signed in");
      await details.getByText(/^As the page and the browser say/).waitFor();
      assert.equal(await details.getByText("Verified", { exact: true }).count(), 0);

      // The same person on another device, and on the next page.
      const elsewhere = await newContext(browser);
      const phone = await Visitor.at(elsewhere, pageWith(["identify", { token: tokenOf("u-1") }]));
      await phone.open();
      await phone.bubble("Now you know me").waitFor();
      await phone.say("From my phone");
      await visitor.bubble("From my phone").waitFor();
      await visitor.page.reload();
      await visitor.isOpenAgain();
      await visitor.bubble("From my phone").waitFor();

      // Tokens that are wrong or grew old, and the next person at the same browser.
      await listen("identify:ok", "identify:error");
      await roost("identify", { token: tokenOf("u-1", {}, 7200) });
      assert.deepEqual(await heard("identify:error"), { code: "refused" });
      await visitor.bubble("From my phone").waitFor();
      await roost("identify", { token: tokenOf("u-2") });
      assert.deepEqual(await heard("identify:ok"), { id: null, verified: true });
      await visitor.bubble("From my phone").waitFor({ state: "detached" });
      await visitor.say("I am somebody else");
      assert.equal(await phone.bubble("I am somebody else").count(), 0);
      await elsewhere.close();
    });

    test("know the visitor by a name once they have written, and until they are forgotten", async () => {
      await visitor.open();
      assert.equal(await roost("get", "visitorId"), null);
      await visitor.say("I have a number now");
      const id = await roost("get", "visitorId");
      assert.match(id, /^[\da-f-]{36}$/);

      await visitor.page.reload();
      await visitor.isOpenAgain();
      await visitor.say("The same one");
      assert.equal(await roost("get", "visitorId"), id);

      await roost("logout");
      assert.equal(await roost("get", "visitorId"), null);
    });

    test("end the conversation, after everything that was said in it", async () => {
      const warned = visitor.page.waitForEvent("console", (message) => message.type() === "warning");
      await visitor.open();
      await roost("endConversation");
      assert.equal((await warned).text(), "Roost: endConversation: the visitor has not written yet.");
      await visitor.say("I am done");
      await listen("conversation:ended");

      await visitor.page.evaluate(() => {
        globalThis.Roost("send", "Really");
        globalThis.Roost("endConversation");
      });

      assert.deepEqual(await heard("conversation:ended"), { conversation: (await state()).conversationId });
      await agent.chip("Resolved").click();
      await agent.open("Really");
      await agent.page.getByRole("button", { name: "Reopen", exact: true }).waitFor();
      await agent.chip("Open").click();
    });

    test("keep nothing on the device once consent was refused, also of what is said later, until it is given", async () => {
      await visitor.open();
      await visitor.say("Before I was asked");
      await listen("consent");

      await roost("consent", false);
      assert.deepEqual(await heard("consent"), { consent: false });
      await visitor.page.locator("iframe").waitFor({ state: "detached" });
      await visitor.open();
      await visitor.say("After I said no");
      await visitor.composer.fill("and a draft");
      assert.deepEqual(await kept(context, visitor.page, await panelFrame(visitor.page)), []);

      await roost("consent", true);
      assert.deepEqual(await heard("consent"), { consent: true });
      await visitor.say("Now I say yes");
      assert.notDeepEqual(await kept(context, visitor.page, await panelFrame(visitor.page)), []);
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

      await visitor.page.locator("button").waitFor({ state: "detached" });
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
