// The panel's frame and the port to it. What passes between page and frame is named here, message by message; no markup and no
// address to open does.
import { button, emit, host, key, now, options, origin, remember, text, widget } from "./common.js";
import { look } from "./look.js";
import { approach, close, reveal, setUnread, takeFocus } from "./panel.js";
import { answerBoot, boot } from "./relay.js";

const EVENTS = ["open", "close", "availability", "message:sent", "message:received", "message:failed", "typing", "conversation:started", "conversation:ended", "error"];
export const CALL_BYTES = 65536;
// Of what passes over the port. A page that stays open for days may get a frame from a newer relay.
const VERSION = 1;
const FORGETTING_MS = 5000;

let pending = [];
let afterForget = null;

export const post = (message) => now.port && now.port.postMessage({ v: VERSION, ...message });

// What the page asks of the panel waits until the panel is there.
export function call(name, argument) {
  if (!now.isReady) pending.push([name, argument]);
  else post({ t: "call", name, argument });
}

export function needFrame() {
  if (now.isRefused || widget.gone) return;
  if (!widget.frame) widget.make();
  if (!widget.frame.title) {
    widget.frame.title = options.title || "Chat";
    widget.frame.allow = "clipboard-write";
    widget.frame.tabIndex = -1;
    addEventListener("message", greet);
  }
}

export function dropFrame() {
  removeEventListener("message", greet);
  if (now.port) now.port.close();
  if (widget.frame) widget.frame.remove();
  widget.frame = now.port = null;
  now.isReady = false;
  pending = [];
}

// The frame says it runs; it gets a port of its own, and from then on nothing is read from the window.
function greet(event) {
  if (!widget.frame || event.source !== widget.frame.contentWindow || event.origin !== origin || event.data !== "roost:frame") return;
  removeEventListener("message", greet);
  const channel = new MessageChannel();
  now.port = channel.port1;
  now.port.onmessage = (message) => receive(message.data);
  event.source.postMessage({ v: VERSION, t: "roost:port" }, origin, [channel.port2]);
  post({ t: "init", key, ...look(), open: now.isOpen, focus: now.wantsFocus, known: Boolean(now.visitor), forbidden: !now.mayStore });
  takeFocus();
}

// A frame that was moved in the page starts over.
widget.again = () => {
  if (!widget.frame) return;
  if (now.port) now.port.close();
  now.port = null;
  now.isReady = false;
  addEventListener("message", greet);
};

function receive(message) {
  if (!message || typeof message !== "object" || message.v !== VERSION) return;
  switch (message.t) {
    case "ready":
      now.isReady = true;
      now.isAllowed = true;
      button.removeAttribute("aria-busy");
      if (now.isOpen) reveal();
      else approach(true);
      for (const [name, argument] of pending.splice(0)) call(name, argument);
      emit("ready");
      break;
    case "boot":
      answerBoot();
      break;
    case "store":
      if (typeof message.visitor !== "string" || message.visitor.length > 512) return;
      now.visitor = message.visitor;
      remember("", now.visitor);
      remember(":verified", now.visitor === now.verified ? "1" : null);
      if (now.isOpen) remember(":open", "1");
      break;
    case "unread":
      if (!Number.isInteger(message.n) || message.n < 0 || message.n === now.unread) return;
      setUnread(message.n);
      break;
    case "unsent":
      remember(":unsent", message.any === true ? "1" : null);
      break;
    case "conversation":
      now.conversation = text(message.id);
      break;
    case "close":
      close();
      break;
    case "forgotten":
      if (afterForget) afterForget();
      break;
    case "event":
      if (!EVENTS.includes(message.name)) return;
      if (message.data && JSON.stringify(message.data).length > CALL_BYTES) return;
      if (message.name === "availability") now.availability = message.data;
      emit(message.name, message.data);
      // Cut off for good: the relay says whether page or key, and the widget goes.
      if (message.name === "error" && message.data && message.data.code === 4403) boot();
  }
}

// The frame erases what it keeps; then it goes.
export function eraseFrame(then) {
  const finish = () => {
    afterForget = null;
    dropFrame();
    then();
  };
  needFrame();
  call("forget");
  afterForget = finish;
  setTimeout(() => afterForget === finish && finish(), FORGETTING_MS);
}

// The panel begins anew, for somebody else: what it shows and keeps is not theirs. Words that could not be sent yet stay, unless
// they are a person's whom the site has named. What the page asked of the panel is still asked.
export function renewFrame(mustErase) {
  const waiting = pending;
  const hadFocus = now.isOpen && Boolean(widget.frame) && host.shadowRoot.activeElement === widget.frame;
  const begin = () => {
    if (!now.isOpen && !waiting.length) return;
    now.wantsFocus = now.wantsFocus || hadFocus;
    needFrame();
    pending = waiting;
  };
  pending = [];
  if (mustErase) return eraseFrame(begin);
  if (now.port) dropFrame();
  begin();
}
