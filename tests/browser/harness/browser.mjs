// Chromium, and the two kinds of people who use it here.
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { OWNER } from "./relay.mjs";

// Instead of Playwright's own list, which takes from frames the storage that visitors' browsers give them, one for each site.
const SWITCHED_OFF = ["HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "OptimizationHints", "PaintHolding", "PreconnectToSearch"];

export const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", `--disable-features=${SWITCHED_OFF}`],
};

const DESKTOP = { viewport: { width: 1440, height: 900 }, locale: "en-US", reducedMotion: "reduce" };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const DARK = { colorScheme: "dark" };

export const launch = () => chromium.launch(CHROMIUM);

// A browser whose profile is on disk, as a real person's is, so that it can be closed and opened again.
export const launchWithProfile = (folder) => chromium.launchPersistentContext(folder, { ...CHROMIUM, ...DESKTOP });

export const newContext = (browser, options = {}) => browser.newContext({ ...DESKTOP, ...options });

export async function screenshot(page, name) {
  await mkdir("artifacts/browser", { recursive: true });
  await page.screenshot({ path: `artifacts/browser/${name}.png` });
}

// Somebody on a shop page, with the widget in the corner.
export class Visitor {
  // `frame` and `launcher` tell widgets apart where a page has several.
  constructor(page, frame = "iframe", launcher = page.getByRole("button", { name: /^(Open chat|Close chat|Chat öffnen|Chat schließen)/ })) {
    this.page = page;
    this.panel = page.frameLocator(frame);
    this.launcher = launcher;
    this.log = this.panel.getByRole("log");
    this.composer = this.panel.getByRole("textbox");
  }

  static async at(context, address) {
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(address);
    await visitor.launcher.waitFor();
    return visitor;
  }

  async open() {
    await this.launcher.click();
    // Whoever opens the chat can write at once.
    await this.panel.locator(".field:focus").waitFor();
  }

  // A panel left open is open again on the next page, without a click.
  async isOpenAgain() {
    await this.composer.waitFor();
  }

  // Writes and sends, and waits until the relay has it for good.
  async say(text) {
    await this.write(text);
    await this.progress(/^(Sent|Delivered|Read)$/).waitFor();
  }

  async write(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await this.bubble(text).waitFor();
  }

  bubble(text) {
    return this.log.locator(".bubble").filter({ hasText: text });
  }

  // What is said under the visitor's last message.
  progress(words) {
    return this.log.locator(".row").last().locator(".progress").filter({ hasText: words });
  }
}

// Somebody who answers, in the inbox.
export class Agent {
  constructor(page, relay) {
    this.page = page;
    this.relay = relay;
    this.list = page.getByRole("region", { name: "Conversations" });
    this.composer = page.getByRole("textbox", { name: "Write a reply…" });
    this.noteComposer = page.getByRole("textbox", { name: "Write a note only your team sees…" });
    this.thread = page.locator(".thread");
  }

  static async signIn(context, relay, person = OWNER) {
    const agent = new Agent(await context.newPage(), relay);
    await agent.page.goto(relay.url);
    await agent.page.getByLabel("Email").fill(person.email);
    await agent.page.getByLabel("Password").fill(person.password);
    await agent.page.getByRole("button", { name: "Sign in" }).click();
    await agent.list.waitFor();
    return agent;
  }

  // Takes up an invitation and lands in the inbox.
  static async join(context, relay, link, person) {
    const agent = new Agent(await context.newPage(), relay);
    await agent.page.goto(link);
    await agent.page.getByLabel("Your name").fill(person.name);
    await agent.page.getByLabel("Password").fill(person.password);
    await agent.page.getByRole("button", { name: "Join" }).click();
    await agent.list.waitFor();
    return agent;
  }

  // A link to join with, made without the screen for it.
  async invite(email, role) {
    const { link } = await this.ask("POST", "/api/people/invites", { email, role });
    return link;
  }

  // Asks the relay as the page itself does.
  async ask(method, path, body) {
    const headers = { "content-type": "application/json", "x-requested-with": "roost" };
    return this.page.evaluate(async ([path, options]) => (await fetch(path, options)).json(), [path, { method, headers, body: JSON.stringify(body) }]);
  }

  // Whose conversations, like "Mine", with how many of them are open.
  tab(name, count) {
    return this.list.locator(".tab").filter({ hasText: new RegExp(`^${name}\\s*${count ?? "\\d*"}$`) });
  }

  // Conversations in which state, like "Snoozed", with how many there are; none is not said.
  chip(name, count) {
    return this.list.locator(".chip").filter({ hasText: new RegExp(`^${name}\\s*${count ?? "\\d*"}$`) });
  }

  // Picks from a menu above the open conversation.
  async pick(menu, item) {
    await this.page.locator(".thread-acts").getByRole("button", { name: menu }).click();
    await this.page.getByRole("menu").getByText(item).click();
  }

  // The conversation whose last message is this.
  row(text) {
    return this.list.getByRole("listitem").filter({ hasText: text });
  }

  // New rows wait while the pointer is over the list.
  async lookAway() {
    await this.page.mouse.move(900, 4);
  }

  async open(text) {
    await this.lookAway();
    await this.row(text).getByRole("link").click();
    await this.lookAway();
    await this.bubble(text).waitFor();
  }

  async answer(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await this.bubble(text).waitFor();
  }

  bubble(text) {
    return this.page.locator(".bubble").filter({ hasText: text });
  }
}

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// What axe finds wrong with one document, a line each; an empty list is what is wanted.
export async function violations(frame) {
  await frame.evaluate(axeSource);
  const found = await frame.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { iframes: false });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")} ${node.html.slice(0, 120)}`));
  });
  return found;
}

// The panel's own document.
export async function panelFrame(page) {
  const element = await page.locator("iframe").elementHandle();
  return element.contentFrame();
}
