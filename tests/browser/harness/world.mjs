// A shop, its visitors and the agents who answer them.
import { Agent, Visitor, launch, newContext } from "./browser.mjs";
import { Relay } from "./relay.mjs";
import { Site, shopPage } from "./site.mjs";

// A relay, a shop with its widget, and contexts that end with each test.
export class World {
  static async start() {
    const world = new World();
    world.contexts = [];
    world.relay = await Relay.start();
    let snippet = "";
    world.shop = await Site.start("shop", () => ({ body: shopPage(snippet) }));
    ({ snippet } = await world.relay.createWidget("Shop", world.shop.origin));
    world.browser = await launch();
    return world;
  }

  async stop() {
    await this.browser?.close();
    await this.shop?.stop();
    await this.relay?.stop();
  }

  async context(options) {
    const context = await newContext(this.browser, options);
    this.contexts.push(context);
    return context;
  }

  async endContexts() {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  async agent(options) {
    return Agent.signIn(await this.context(options), this.relay);
  }

  // Somebody new who writes these messages, one after the other.
  async visitorWho(...texts) {
    const visitor = await Visitor.at(await this.context(), this.shop.origin);
    await visitor.open();
    for (const text of texts) await visitor.say(text);
    return visitor;
  }
}

// What the relay really answers to a request that a test is about to change. Node knows no names under localhost, browsers do.
export async function realAnswer(route, url = route.request().url()) {
  const address = new URL(url);
  address.hostname = "127.0.0.1";
  const answer = await route.fetch({ url: address.href, headers: await route.request().allHeaders() });
  return answer.json();
}

export const sidewaysScroll = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);

// Whether the whole of an element is inside the window.
export async function isInSight(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  const window = locator.page().viewportSize();
  return x >= 0 && y >= 0 && x + width <= window.width && y + height <= window.height;
}

export const isCurrent = (agent, text) => agent.list.locator(".row[data-selected]").filter({ hasText: text });
