// What the page itself asks of the relay: to be let in, saying where the visitor is and who the page says they are.
import { base, emit, host, key, now, text, warn } from "./common.js";
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
let wantsWord = false;
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

// True when it says anything new.
function describe(change) {
  const before = JSON.stringify(identity());
  change();
  const isNew = JSON.stringify(identity()) !== before;
  if (isNew && now.isReady) {
    clearTimeout(identityTimer);
    // One connection for many calls in a row.
    identityTimer = setTimeout(() => post({ t: "reconnect" }), 300);
  }
  return isNew;
}

// The page hears of it when the relay has been told, which is with the next connection.
export function identify(who) {
  const names = Object.keys(who || {});
  for (const name of names) {
    if (!PERSON.includes(name)) warn(`identify: "${name}" is not used yet.`);
  }
  const known = names.filter((name) => PERSON.includes(name));
  if (!known.length) return emit("identify:error", { code: "nobody" });
  wantsWord = true;
  const isNew = describe(() => known.forEach((name) => (person[name] = text(who[name]))));
  // The relay knows already.
  if (!isNew && now.isReady) tellIdentified();
}

function tellIdentified(code) {
  if (!wantsWord) return;
  wantsWord = false;
  if (code) emit("identify:error", { code });
  else emit("identify:ok", { id: person.id || null });
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
  wantsWord = false;
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
    tellIdentified("network");
    return { t: "boot", ok: false, code: "network" };
  }
  if (answer.ok) {
    tellIdentified();
    now.isAllowed = true;
    now.contact = body.visitor_id;
    now.availability = body.availability;
    appear(body.appearance);
    if (now.isOpen) reveal();
    return { t: "boot", ok: true, boot: body.boot, availability: body.availability, unread: body.unread };
  }
  const code = body.code || "http_" + answer.status;
  tellIdentified(code);
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
