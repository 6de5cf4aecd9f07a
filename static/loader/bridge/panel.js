// Opening and closing, focus, phones, and what is unread.
import { button, emit, host, key, now, phone, recall, remember, root, widget } from "./common.js";
import { needFrame, post } from "./frame.js";
import { show } from "./look.js";
import { watchPlace } from "./place.js";
import { bootEarly } from "./relay.js";

let hasHistory = false;
let overflow = null;
let titlePrefix = "";

// While somebody is about to open it, the panel is drawn already, though nobody sees or reaches it.
export function approach(isNear) {
  if (!now.isReady || now.isOpen) return;
  widget.frame.className = isNear ? "near" : "";
  widget.frame.ariaHidden = isNear;
}

export function reveal() {
  const frame = widget.frame;
  if (!frame || frame.className === "open") return;
  frame.className = "open";
  frame.ariaHidden = false;
  frame.removeAttribute("tabindex");
  takeFocus();
  fit();
}

// Only a frame that runs is given the focus: while it still loads, Chromium would keep the keyboard with the page
// and show the caret in the frame.
export function takeFocus() {
  if (!now.wantsFocus || !now.port || widget.frame.className !== "open") return;
  now.wantsFocus = false;
  widget.frame.focus();
}

export function open() {
  if (now.isRefused) return;
  needFrame();
  if (now.isOpen) return;
  now.isOpen = true;
  now.wantsFocus = !navigator.userActivation || navigator.userActivation.isActive;
  if (!now.isReady) bootEarly();
  // A frame that is not ready yet hears this after its first message, which said that the panel is closed.
  post({ t: "open", focus: now.wantsFocus });
  // First what the visitor waits for.
  if (now.isAllowed) reveal();
  if (!now.isReady) button.setAttribute("aria-busy", "true");
  show();
  if (recall("") !== null) remember(":open", "1");
  if (phone.matches) enterPhone();
  emit("open");
}

export function close() {
  if (!now.isOpen) return;
  now.isOpen = false;
  const hadFocus = host.shadowRoot.activeElement === widget.frame;
  if (widget.frame) {
    widget.frame.className = "";
    widget.frame.tabIndex = -1;
  }
  post({ t: "close" });
  show();
  button.removeAttribute("aria-busy");
  leavePhone();
  if (hadFocus) button.focus({ preventScroll: true });
  remember(":open", null);
  emit("close");
}

// On a phone the panel is the screen: what is behind stands still and the back button closes.
function enterPhone() {
  overflow = root.style.overflow;
  root.style.overflow = "hidden";
  history.pushState({ ...history.state, roost: key }, "");
  hasHistory = true;
}

function leavePhone() {
  if (overflow === null) return;
  root.style.overflow = overflow;
  overflow = null;
  if (hasHistory && history.state && history.state.roost === key) history.back();
  hasHistory = false;
}

// The keyboard shrinks the visual viewport only; without this it would cover the composer.
function fit() {
  const frame = widget.frame;
  const view = window.visualViewport;
  if (!frame || !view) return;
  const isFull = now.isOpen && phone.matches;
  frame.style.height = isFull ? view.height + "px" : "";
  frame.style.top = isFull ? view.offsetTop + "px" : "";
  frame.style.bottom = isFull ? "auto" : "";
}

function onBack() {
  if (now.isOpen && hasHistory) {
    hasHistory = false;
    close();
  }
}

function onKey(event) {
  if (event.key === "Escape") close();
}

// ---- unread

export function setUnread(count) {
  now.unread = count;
  show();
  setTitle();
  emit("unread", { unread: count });
}

function setTitle() {
  if (titlePrefix && document.title.startsWith(titlePrefix)) document.title = document.title.slice(titlePrefix.length);
  titlePrefix = now.unread && document.hidden ? `(${now.unread}) ` : "";
  if (titlePrefix) document.title = titlePrefix + document.title;
}

// `change`: "addEventListener" or "removeEventListener".
export function watchPage(change) {
  watchPlace(change);
  window[change]("popstate", onBack);
  document[change]("visibilitychange", setTitle);
  host.shadowRoot[change]("keydown", onKey);
  if (window.visualViewport) {
    visualViewport[change]("resize", fit);
    visualViewport[change]("scroll", fit);
  }
}
