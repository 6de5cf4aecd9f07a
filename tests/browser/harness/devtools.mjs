// Chromium spoken to in its own protocol, for measuring: nothing is put into a page but what the caller puts there.
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHROMIUM } from "./browser.mjs";

const DEADLINE_MS = 60_000;
const SCREEN = { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false };
const LAUNCHER_AT = { x: 1440 - 48, y: 900 - 48 };

// Emits what happens in a session as `(method, params)` under the session's id, and what belongs to none under "browser".
export class DevTools extends EventEmitter {
  static async launch() {
    const browser = new DevTools();
    browser.folder = await mkdtemp(join(tmpdir(), "roost-chromium-"));
    const options = ["--headless", "--remote-debugging-pipe", `--user-data-dir=${browser.folder}`, ...CHROMIUM.args];
    browser.program = spawn(CHROMIUM.executablePath, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    browser.answers = new Map();
    browser.last = 0;
    browser.closed = once(browser.program, "close").then(() => {
      for (const { fail, method } of browser.answers.values()) fail(new Error(`${method}: Chromium ended`));
    });
    // What cannot be written is never answered; the end of the program says so to whoever waits.
    browser.program.stdio[3].on("error", () => {});
    let pieces = [];
    browser.program.stdio[4].setEncoding("utf8").on("data", (piece) => {
      const [end, ...others] = piece.split("\0");
      pieces.push(end);
      for (const start of others) {
        browser.receive(JSON.parse(pieces.join("")));
        pieces = [start];
      }
    });
    return browser;
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.last;
    this.program.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((done, fail) => this.answers.set(id, { done, fail, method }));
  }

  receive({ id, method, params, result, error, sessionId }) {
    if (!id) return this.emit(sessionId ?? "browser", method, params);
    const { done, fail, method: asked } = this.answers.get(id);
    this.answers.delete(id);
    if (error) fail(new Error(`${asked}: ${error.message}`));
    else done(result);
  }

  async close() {
    // It may end before it answers.
    if (this.program.exitCode === null) this.send("Browser.close").catch(() => {});
    await this.closed;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

// A tab of somebody who was never here: nothing is cached. The script `watch` runs first in every document, the panel's too, and
// says `report(JSON.stringify({ what, at }))`.
export class Tab {
  static async open(browser, { cpu = 1, network, watch }) {
    const tab = Object.assign(new Tab(), { browser, cpu, network, watch, told: {}, waiting: {}, requests: new Map() });
    tab.context = await browser.send("Target.createBrowserContext");
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", ...tab.context });
    ({ sessionId: tab.page } = await browser.send("Target.attachToTarget", { targetId, flatten: true }));
    await tab.follow(tab.page);
    await browser.send("Emulation.setDeviceMetricsOverride", SCREEN, tab.page);
    return tab;
  }

  async follow(session) {
    this.browser.on(session, (method, params) => this[method]?.(params));
    const ask = (method, params) => this.browser.send(method, params, session);
    await Promise.all([
      ask("Network.enable"),
      this.network && ask("Network.emulateNetworkConditions", this.network),
      ask("Emulation.setCPUThrottlingRate", { rate: this.cpu }),
      ask("Runtime.enable"),
      ask("Page.enable"),
      ask("Runtime.addBinding", { name: "report" }),
      ask("Page.addScriptToEvaluateOnNewDocument", { source: this.watch }),
      ask("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }),
      ask("Runtime.runIfWaitingForDebugger"),
    ]);
  }

  // The panel's frame runs in a process of its own; attached to as it starts, it is throttled before it does anything.
  "Target.attachedToTarget"({ sessionId }) {
    this.panel = sessionId;
    // A tab may be closed while its panel starts. Whoever waits for the panel notices.
    this.follow(sessionId).catch(() => {});
  }

  "Runtime.bindingCalled"({ payload }) {
    const event = JSON.parse(payload);
    this.told[event.what] = event;
    this.waiting[event.what]?.(event);
  }

  "Network.requestWillBeSent"({ requestId, request }) {
    this.requests.set(requestId, { url: request.url, headerBytes: 0, bytes: 0 });
  }

  "Network.responseReceived"({ requestId, response }) {
    Object.assign(this.requests.get(requestId) ?? {}, { headerBytes: response.encodedDataLength });
  }

  "Network.loadingFinished"({ requestId, encodedDataLength }) {
    Object.assign(this.requests.get(requestId) ?? {}, { bytes: encodedDataLength });
  }

  // What a document tells about this, once it does.
  heard(what) {
    if (this.told[what]) return this.told[what];
    return new Promise((done, fail) => {
      this.waiting[what] = done;
      setTimeout(() => fail(new Error(`nothing was heard of "${what}", only of ${Object.keys(this.told)}`)), DEADLINE_MS).unref();
    });
  }

  async goto(address) {
    await this.browser.send("Page.navigate", { url: address }, this.page);
    await Promise.all([this.heard("launcher"), this.heard("quiet")]);
  }

  mouse(type, more) {
    return this.browser.send("Input.dispatchMouseEvent", { type, ...LAUNCHER_AT, ...more }, this.page);
  }

  point() {
    return this.mouse("mouseMoved");
  }

  click() {
    const left = { button: "left", clickCount: 1 };
    return Promise.all([this.mouse("mousePressed", left), this.mouse("mouseReleased", left)]);
  }

  // The composer has the focus; does what is typed arrive in it?
  async usable() {
    const usable = await this.heard("usable");
    await this.browser.send("Input.insertText", { text: "Hello" }, this.page);
    const { result } = await this.browser.send("Runtime.evaluate", { expression: "document.activeElement.value" }, this.panel);
    if (result.value !== "Hello") throw new Error(`the composer was typed into and has ${result.value}`);
    return usable.at;
  }

  close() {
    return this.browser.send("Target.disposeBrowserContext", this.context);
  }
}

export async function inTab(browser, machine, act) {
  const tab = await Tab.open(browser, machine);
  try {
    return await act(tab);
  } finally {
    await tab.close();
  }
}
