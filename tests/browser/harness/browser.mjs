// Chromium, and the two kinds of people who use it here.
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { OWNER } from "./relay.mjs";

const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
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
  constructor(page) {
    this.page = page;
    this.panel = page.frameLocator("iframe");
    this.launcher = page.getByRole("button", { name: /^(Open|Close) chat/ });
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

  // The conversation whose last message is this.
  row(text) {
    return this.list.getByRole("listitem").filter({ hasText: text });
  }

  async open(text) {
    // New rows wait while the pointer is over the list.
    await this.page.mouse.move(900, 4);
    await this.row(text).getByRole("link").click();
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
