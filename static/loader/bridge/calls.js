// The calls a page can make.
import { emit, host, listeners, now, remember, root, text, warn, widget } from "./common.js";
import { CALL_BYTES, call, dropFrame, eraseFrame, needFrame, post } from "./frame.js";
import { appear, apply } from "./look.js";
import { close, open, setUnread, watchPage } from "./panel.js";
import { forgetIdentity, identify, removeAttribute, setAttributes, tag, untag } from "./relay.js";

const later = (name) => () => warn(`${name} is not available yet.`);
const display = (value) => host.style.setProperty("display", value, "important");

function forget(then) {
  const isErased = (now.visitor || now.port) && !now.isRefused;
  now.visitor = now.conversation = null;
  for (const name of ["", ":open", ":unsent", ":verified"]) remember(name, null);
  forgetIdentity();
  setUnread(0);
  close();
  if (isErased) return eraseFrame(then);
  dropFrame();
  then();
}

function leave() {
  widget.gone = true;
  watchPage("removeEventListener");
  host.remove();
}

function comeBack() {
  if (!widget.gone) return;
  widget.gone = false;
  root.append(host);
  watchPage("addEventListener");
}

const verbs = {
  boot(settings) {
    apply(settings);
    comeBack();
    display("block");
    appear();
  },
  update(settings) {
    apply(settings);
    appear();
  },
  identify,
  logout: () => forget(() => {}),
  shutdown() {
    display("none");
    forget(() => {});
  },
  destroy() {
    display("none");
    forget(leave);
    listeners.clear();
  },
  open,
  close,
  toggle: () => (now.isOpen ? close() : open()),
  show: () => display("block"),
  hide() {
    close();
    display("none");
  },
  openArticle: later("openArticle"),
  openConversation: later("openConversation"),
  prefill(words) {
    needFrame();
    call("prefill", text(words));
  },
  send(words) {
    needFrame();
    call("send", String(words).slice(0, CALL_BYTES));
  },
  startConversation(how) {
    open();
    if (how && how.attributes) verbs.setConversationAttributes(how.attributes);
    if (how && how.text) verbs.send(how.text);
  },
  endConversation() {
    if (!now.visitor) return warn("endConversation: the visitor has not written yet.");
    needFrame();
    call("end");
  },
  setAttributes: (values) => setAttributes("", values),
  removeAttribute,
  setConversationAttributes: (values) => setAttributes("conversation.", values),
  addTags: (...names) => tag(names),
  removeTags: (...names) => untag(names),
  track: later("track"),
  setDepartment: later("setDepartment"),
  setLocale: (language) => verbs.update({ language }),
  setTheme: (theme) => verbs.update({ theme }),
  setPosition: (place) => verbs.update(typeof place === "string" ? { corner: place } : place),
  consent(isGiven) {
    now.mayStore = isGiven !== false;
    post({ t: "storage", forbidden: !now.mayStore });
    if (!now.mayStore) forget(() => {});
    emit("consent", { consent: now.mayStore });
  },
  get(what) {
    const state = {
      ready: now.isReady,
      open: now.isOpen,
      unread: now.unread,
      availability: now.availability,
      conversationId: now.conversation,
      visitorId: ((now.visitor || now.verified) && now.contact) || null,
      consent: now.mayStore,
    };
    return what === "state" || what === undefined ? state : state[what];
  },
  on(name, listener) {
    if (typeof listener !== "function") return warn("on needs a name and a function.");
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(listener);
    if (name === "ready" && now.isReady) queueMicrotask(listener);
    return () => verbs.off(name, listener);
  },
  once(name, listener) {
    const stop = verbs.on(name, (detail) => {
      stop();
      listener(detail);
    });
    return stop;
  },
  off(name, listener) {
    const all = listeners.get(name);
    if (all && listener) all.delete(listener);
    else if (all) all.clear();
  },
};

export function answerCall(verb, ...rest) {
  try {
    if (Object.hasOwn(verbs, verb)) return verbs[verb](...rest);
    warn(`there is no call "${verb}".`);
  } catch (error) {
    console.error("Roost:", error);
  }
}
