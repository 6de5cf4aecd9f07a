// What the widget costs a page, measured in Chromium: `node tests/browser/timings.mjs [the roost program]`.
// A missed aim is only printed; a measurement that could not be made is an error.
import { once } from "node:events";
import { cpus, loadavg } from "node:os";

process.env.ROOST_BINARY = process.argv[2] ?? "target/debug/roost";
const { Relay } = await import("./harness/relay.mjs");
const { Site, shopPage } = await import("./harness/site.mjs");
const { DevTools, inTab } = await import("./harness/devtools.mjs");

const RUNS = 11;

// "Slow 4G" as Lighthouse defines it: 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up. Chromium adds the delay to each
// request. The preset of the same name in DevTools adds 562.5 ms, as if each request opened a connection of its own.
const SLOW_4G = { latency: 150, downloadThroughput: 209_715, uploadThroughput: 96_000, offline: false };
const DEVTOOLS_SLOW_4G = { latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375, offline: false };

// Half a kilobyte that puts a button in the corner and does no more than it must.
const BARE_LOADER = `(() => {
  const button = document.createElement("button");
  button.ariaLabel = "Open chat";
  button.style.cssText = "all:unset;position:fixed;right:20px;bottom:20px;width:56px;height:56px;border-radius:50%;background:#0f766e";
  button.onclick = () => {
    const frame = document.createElement("iframe");
    frame.src = "/frame";
    frame.style.cssText = "position:fixed;right:20px;bottom:92px;width:384px;height:680px;border:0";
    document.body.append(frame);
  };
  document.body.append(button);
})();`;

// Runs first in every document, the panel's too. The launcher is seen when the first frame with it has been drawn.
const WATCH = `{
  const tell = (what, at = performance.now()) => report(JSON.stringify({ what, at: performance.timeOrigin + at }));
  const drawn = (then) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = then;
    port2.postMessage(0);
  };
  const look = () => {
    if (document.querySelector("html > div, body > button")) drawn(() => tell("launcher", performance.mark("launcher").startTime));
    else requestAnimationFrame(look);
  };
  if (window === top) {
    requestAnimationFrame(look);
    addEventListener("pointerover", ({ target, timeStamp }) => target.parentNode === document.documentElement && tell("pointer", timeStamp));
    addEventListener("pointerdown", ({ timeStamp }) => tell("press", timeStamp));
    addEventListener("roost:ready", () => requestIdleCallback(() => tell("ready")));
    addEventListener("load", () => requestIdleCallback(() => tell("quiet")));
    tell("start", 0);
  } else {
    addEventListener("focusin", ({ target }) => target.matches(".field:enabled") && tell("usable"));
    const wait = () => (document.querySelector("main .field:enabled") ? requestIdleCallback(() => tell("rests")) : requestAnimationFrame(wait));
    requestAnimationFrame(wait);
  }
}`;

const QUICK = { watch: WATCH };
const CPU_4X = { cpu: 4, watch: WATCH };
const CPU_4X_SLOW = { cpu: 4, network: SLOW_4G, watch: WATCH };
const CPU_4X_SLOWER = { cpu: 4, network: DEVTOOLS_SLOW_4G, watch: WATCH };

// Milliseconds the page's main thread works for the loader until the launcher is seen: the browser's trace has the time of its script with the compiling in it,
// in time of the thread's own, in which other programs on this machine count for less, though not for nothing.
async function scriptMs(browser, address) {
  const [events, traced] = [[], once(browser, "traced")];
  const collect = (method, params) => {
    if (method === "Tracing.dataCollected") events.push(...params.value);
    if (method === "Tracing.tracingComplete") browser.emit("traced");
  };
  browser.on("browser", collect);
  await browser.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["devtools.timeline", "blink.user_timing"] } });
  await inTab(browser, CPU_4X, (tab) => tab.goto(address));
  await browser.send("Tracing.end");
  await traced;
  browser.off("browser", collect);
  const seen = events.find(({ name, cat }) => name === "launcher" && cat.includes("blink.user_timing"))?.ts;
  const isOurs = ({ name, args, ts }) => /^(EvaluateScript|FunctionCall)$/.test(name) && args.data?.url?.includes("/embed.js") && ts < seen;
  const ours = events.filter(isOurs);
  if (ours.length === 0) throw new Error("the trace does not have the loader, or not the launcher");
  return ours.reduce((sum, { tdur }) => sum + tdur / 1000, 0);
}

// From the start of the navigation until the launcher is seen.
const launcherMs = (browser, machine, address) =>
  inTab(browser, machine, async (tab) => {
    await tab.goto(address);
    return tab.told.launcher.at - tab.told.start.at;
  });

// From the press of the button until the composer can be written in; the panel had been loaded and drawn while the pointer was over the launcher.
const warmMs = (browser, machine, address) =>
  inTab(browser, machine, async (tab) => {
    await tab.goto(address);
    await tab.point();
    await Promise.all([tab.heard("ready"), tab.heard("rests")]);
    await tab.click();
    return (await tab.usable()) - tab.told.press.at;
  });

// The same with a pointer that comes and clicks at once, from its coming.
const coldMs = (browser, machine, address) =>
  inTab(browser, machine, async (tab) => {
    await tab.goto(address);
    await Promise.all([tab.point(), tab.click()]);
    return (await tab.usable()) - tab.told.pointer.at;
  });

// What is asked of the relay before anybody shows interest, and from then until the composer can be written in.
const traffic = (browser, address, relay) =>
  inTab(browser, QUICK, async (tab) => {
    await tab.goto(address);
    const asked = () => [...tab.requests.values()].filter(({ url }) => url.startsWith(relay));
    const before = asked().length;
    await Promise.all([tab.point(), tab.click()]);
    await tab.usable();
    const sum = (requests) => ({
      requests: requests.length,
      bytes: requests.reduce((total, { bytes }) => total + bytes, 0),
      bodyBytes: requests.reduce((total, { bytes, headerBytes }) => total + Math.max(0, bytes - headerBytes), 0),
    });
    return { before: sum(asked().slice(0, before)), opening: sum(asked().slice(before)) };
  });

function row(figure, values, aim = Infinity, digits = 0) {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const worst = sorted.length > 1 ? sorted.at(-1).toFixed(digits) : "";
  const [limit, verdict] = aim === Infinity ? ["", ""] : [`≤ ${aim}`, median <= aim ? "ok" : "missed"];
  console.log(figure.padEnd(72) + [median.toFixed(digits), worst, limit].map((cell) => cell.padStart(9)).join("") + `   ${verdict}`);
  return median;
}

async function measure(browser, page, barePage, relay) {
  const times = async (act) => {
    const values = [];
    for (let run = 0; run < RUNS; run++) values.push(await act());
    return values;
  };
  // The relay compresses the loader once.
  await launcherMs(browser, QUICK, page);

  row("script until the launcher, CPU 4×: ms", await times(() => scriptMs(browser, page)), 12, 1);
  for (const [machine, name] of [[QUICK, "nothing throttled"], [CPU_4X, "CPU 4×"], [CPU_4X_SLOW, "CPU 4×, slow 4G"]]) {
    const pairs = await times(async () => [await launcherMs(browser, machine, page), await launcherMs(browser, machine, barePage)]);
    const ours = row(`launcher seen, ${name}: ms`, pairs.map(([ours]) => ours));
    const bare = row("  of the bare loader: ms", pairs.map(([, bare]) => bare));
    row("  ratio of the two", [ours / bare], 1.1, 2);
  }
  row("click to usable, hovered before, CPU 4×: ms", await times(() => warmMs(browser, CPU_4X, page)), 60);
  row("click to usable, cold, CPU 4×, slow 4G: ms", await times(() => coldMs(browser, CPU_4X_SLOW, page)), 900);
  row("click to usable, cold, CPU 4×, slow 4G of DevTools: ms", await times(() => coldMs(browser, CPU_4X_SLOWER, page)));
  const { before, opening } = await traffic(browser, page, relay);
  row("requests before intent", [before.requests], 1);
  row("bytes before intent", [before.bodyBytes], 2_048);
  row("  with headers", [before.bytes]);
  row("requests of opening", [opening.requests]);
  row("bytes of opening", [opening.bodyBytes]);
  row("  with headers", [opening.bytes]);
}

let relay, bare, shop, browser;
try {
  relay = await Relay.start();
  bare = await Site.start("bare", () => ({ body: BARE_LOADER, headers: { "content-type": "text/javascript" } }));
  let snippet = "";
  const bareSnippet = `<script async src="${bare.origin}/loader.js"></script>`;
  shop = await Site.start("shop", (path) => ({ body: shopPage(path === "/bare" ? bareSnippet : snippet) }));
  ({ snippet } = await relay.createWidget("Shop", shop.origin));
  browser = await DevTools.launch();
  const { product } = await browser.send("Browser.getVersion");
  console.log(`${product}, ${cpus().length} × ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}, ${RUNS} runs each\n`);
  console.log("".padEnd(72) + ["median", "worst", "aim"].map((cell) => cell.padStart(9)).join(""));
  await measure(browser, shop.origin, `${shop.origin}/bare`, relay.url);
  console.log(`\nload at the end ${loadavg()[0].toFixed(1)}; with other programs at work the times mean little`);
} finally {
  await browser?.close();
  await Promise.all([shop?.stop(), bare?.stop(), relay?.stop()]);
}
