// What the page itself asks of the relay: to be let in, saying where the visitor is and who the page says they are.
import { base, emit, host, key, now, text } from "./common.js";
import { dropFrame, post } from "./frame.js";
import { appear } from "./look.js";
import { close, reveal } from "./panel.js";

const PERSON = ["id", "name", "email", "phone", "company"];
const EARLY_MS = 45000;

const person = {};
const attributes = {};
// true: has it; false: has it no longer, whichever page gave it.
const tags = new Map();

let early = null;
let identityTimer = 0;

// ---- who the visitor is, as the page says

// The relay adds this to what other pages said: what is not named here stays, what is empty goes.
function identity() {
  const tagged = (has) => [...tags.keys()].filter((name) => tags.get(name) === has);
  const out = { ...person, attributes, tags: tagged(true), removed_tags: tagged(false) };
  for (const name in out) {
    if (typeof out[name] === "object" && !Object.keys(out[name]).length) delete out[name];
  }
  return Object.keys(out).length ? out : undefined;
}

function describe(change) {
  const before = JSON.stringify(identity());
  change();
  if (JSON.stringify(identity()) === before || !now.isReady) return;
  clearTimeout(identityTimer);
  // One connection for many calls in a row.
  identityTimer = setTimeout(() => post({ t: "reconnect" }), 300);
}

// Gives the names that mean nothing here.
export function identify(who) {
  describe(() => {
    for (const name of PERSON) {
      if (who && name in who) person[name] = text(who[name]);
    }
  });
  return Object.keys(who || {}).filter((name) => !PERSON.includes(name));
}

export function setAttributes(prefix, values) {
  describe(() => {
    for (const name in values || {}) attributes[text(prefix + name).slice(0, 100)] = text(values[name]);
  });
}

export function removeAttribute(name) {
  setAttributes("", { [name]: "" });
}

export function tag(names) {
  describe(() => names.flat().forEach((name) => tags.set(text(name), true)));
}

export function untag(names) {
  describe(() => names.flat().forEach((name) => tags.set(text(name), false)));
}

export function forgetIdentity() {
  for (const name of Object.keys(person)) delete person[name];
  for (const name of Object.keys(attributes)) delete attributes[name];
  tags.clear();
  early = null;
}

// ---- being let in

// Where the visitor came from. From one page of this site to the next is no coming; which site it was at first, the relay keeps.
function cameFrom() {
  try {
    return new URL(document.referrer).origin === location.origin ? "" : text(document.referrer);
  } catch {
    return "";
  }
}

export async function boot() {
  const page = {
    url: text(location.href),
    title: text(document.title),
    referrer: cameFrom(),
    locale: text(navigator.language),
    time_zone: text(Intl.DateTimeFormat().resolvedOptions().timeZone),
    viewport: innerWidth + "x" + innerHeight,
    identity: identity(),
  };
  let answer;
  let body = {};
  try {
    answer = await fetch(base + "/api/widget/boot", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key, visitor: now.visitor || undefined, page }),
    });
    body = await answer.json();
  } catch {
    return { t: "boot", ok: false, code: "network" };
  }
  if (answer.ok) {
    now.isAllowed = true;
    now.availability = body.availability;
    appear(body.appearance);
    if (now.isOpen) reveal();
    return { t: "boot", ok: true, boot: body.boot, availability: body.availability, unread: body.unread };
  }
  const code = body.code || "http_" + answer.status;
  if (answer.status === 403) refuse(code);
  return { t: "boot", ok: false, code };
}

// The first answer is fetched while the panel still loads and handed over when the frame asks, unless it is old by then or
// was given for another page.
export function bootEarly() {
  if (!early) early = { at: Date.now(), page: location.href, answer: boot() };
  return early.answer;
}

export async function answerBoot() {
  const isFresh = early && early.page === location.href && Date.now() - early.at < EARLY_MS;
  const ready = isFresh ? early.answer : null;
  early = null;
  const from = now.port;
  const answer = await (ready || boot());
  if (from && from === now.port) post(answer);
}

function refuse(code) {
  if (!now.isRefused) {
    console.error(
      code === "origin_not_allowed"
        ? `Roost: ${location.origin} may not show this widget. Add it to the allowed origins of its campaign.`
        : "Roost: this widget key is not known. Copy the snippet again from its campaign.",
    );
  }
  now.isRefused = true;
  close();
  dropFrame();
  host.style.setProperty("display", "none", "important");
  emit("error", { code });
}
