// What the page itself asks of the relay: to be let in, saying where the visitor is and who the page says they are.
import { base, emit, host, key, now, recall, remember, text, warn } from "./common.js";
import { dropFrame, post, renewFrame } from "./frame.js";
import { appear } from "./look.js";
import { close, reveal, setUnread } from "./panel.js";

const PERSON = ["id", "name", "email", "phone", "company"];
const NO_PROOF = ["refused", "identity_required"];
const EARLY_MS = 45000;

const person = {};
const attributes = {};
// true: has it; false: has it no longer, whichever page gave it.
const tags = new Map();

// What the site's own server signed, and which of it was refused last.
let token = "";
let refused = "";
let early = null;
let wantsWord = false;
// Counts how often everything was forgotten.
let era = 0;
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

const said = () => JSON.stringify([identity(), token]);

// True when it says anything new.
function describe(change) {
  const before = said();
  change();
  const isNew = said() !== before;
  if (isNew) {
    early = null;
    clearTimeout(identityTimer);
    // One connection for many calls in a row. A widget that was only for visitors with a proof gets another chance.
    if (now.isReady) identityTimer = setTimeout(() => post({ t: "reconnect" }), 300);
    else if (now.needsProof && token !== refused) identityTimer = setTimeout(boot, 300);
  }
  return isNew;
}

// The page hears of it when the relay has been told, which is with the next connection.
export function identify(who) {
  const names = Object.keys(who || {});
  const known = names.filter((name) => PERSON.includes(name));
  for (const name of names) {
    if (name !== "token" && !known.includes(name)) warn(`identify: "${name}" is not used yet.`);
  }
  const hasToken = names.includes("token");
  if (!known.length && !hasToken) return emit("identify:error", { code: "nobody" });
  wantsWord = true;
  const isNew = describe(() => {
    for (const name of known) person[name] = text(who[name]);
    if (hasToken) token = String(who.token || "");
  });
  // The relay knows already.
  if (!isNew && now.isReady) tellIdentified(token && token === refused ? "refused" : "");
}

// That a token is not good, or no longer, the page hears without having asked, once.
function tellIdentified(code, isVerified) {
  const isDoubted = token && NO_PROOF.includes(code);
  if (isDoubted && token !== refused) wantsWord = true;
  if (isDoubted) refused = token;
  else if (!code) refused = "";
  if (!wantsWord) return;
  wantsWord = false;
  const id = person.id || null;
  if (code) emit("identify:error", { code });
  else emit("identify:ok", isVerified ? { id, verified: true } : { id });
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
  era += 1;
  now.verified = early = null;
  token = refused = "";
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
  const visitor = now.verified || now.visitor || undefined;
  const wasVerified = Boolean(now.verified || recall(":verified"));
  const asked = said();
  const begun = era;
  let answer;
  let body = {};
  try {
    answer = await fetch(base + "/api/widget/boot", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key, visitor, identity_token: token || undefined, page }),
    });
    body = await answer.json();
  } catch {
    tellIdentified("network");
    return { t: "boot", ok: false, code: "network" };
  }
  // Whoever this was about has been forgotten.
  if (begun !== era) return { t: "boot", ok: false, code: "forgotten" };
  if (answer.ok) {
    letIn(body, asked);
    if (visitor && body.identity && !body.is_known) startOver(body, wasVerified);
    return { t: "boot", ok: true, boot: body.boot, availability: body.availability, unread: body.unread };
  }
  const code = body.code || "http_" + answer.status;
  if (asked === said()) tellIdentified(code);
  // Whoever had a good proof until now waits for the page to give a fresh one.
  if (answer.status === 403 && !(now.verified && code === "identity_required")) refuse(code);
  return { t: "boot", ok: false, code };
}

function letIn(body, asked) {
  if (now.needsProof) {
    now.isRefused = now.needsProof = false;
    host.style.setProperty("display", "block", "important");
  }
  now.isAllowed = true;
  now.contact = body.visitor_id;
  now.verified = body.visitor || null;
  now.availability = body.availability;
  // What was said in the meantime is told next time.
  if (asked === said()) tellIdentified(body.identity === "refused" ? "refused" : "", body.identity === "verified");
  appear(body.appearance);
  if (now.isOpen) reveal();
}

// Who was known here so far is not who the site says is here now.
function startOver(body, wasVerified) {
  now.visitor = now.conversation = null;
  for (const name of ["", ":verified"]) remember(name, null);
  if (body.unread !== now.unread) setUnread(body.unread);
  renewFrame(wasVerified);
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

const REFUSALS = {
  origin_not_allowed: `${location.origin} may not show this widget. Add it to the allowed origins of its campaign.`,
  identity_required: "this widget is for verified visitors only. Call identify with a fresh token.",
};

function refuse(code) {
  if (!now.isRefused) {
    console.error("Roost: " + (REFUSALS[code] || "this widget key is not known. Copy the snippet again from its campaign."));
  }
  now.isRefused = true;
  now.needsProof = code === "identity_required";
  close();
  dropFrame();
  host.style.setProperty("display", "none", "important");
  emit("error", { code });
}
