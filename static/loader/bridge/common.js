// What every part of the bridge uses: the launcher's object, what is so at the moment, the device, the page's listeners.

export const widget = document.currentScript.widget;
export const { base, key, host, button, options } = widget;
export const origin = new URL(base).origin;
export const root = document.documentElement;
export const phone = matchMedia("(max-width: 479px)");

export const now = {
  visitor: null,
  // The relay's name for them, good from their first message on.
  contact: null,
  // The token of a visitor whom the site's server has vouched for: on the device only once they have written.
  verified: null,
  mayStore: true,
  port: null,
  isReady: false,
  isOpen: false,
  isAllowed: false,
  isRefused: false,
  // Refused until the page proves who this is.
  needsProof: false,
  wantsFocus: false,
  unread: 0,
  availability: null,
  conversation: null,
};

// ---- what is kept on the device, never before the visitor acted

export function recall(name) {
  try {
    return localStorage.getItem("roost:" + key + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem("roost:" + key + name);
    else if (now.mayStore) localStorage.setItem("roost:" + key + name, value);
  } catch {
    // Without storage the visitor is remembered for as long as the page lives.
  }
}

now.visitor = recall("");

// ---- small things

const warned = new Set();

export function warn(words) {
  if (warned.has(words)) return;
  warned.add(words);
  console.warn("Roost: " + words);
}

export const text = (value) => String(value === undefined || value === null ? "" : value).slice(0, 2000);

// ---- what the page listens to

export const listeners = new Map();

export function emit(name, detail) {
  for (const listener of [...(listeners.get(name) || [])]) {
    try {
      listener(detail);
    } catch (error) {
      // A page's mistake is shown to the page, and costs the chat nothing.
      console.error(error);
    }
  }
  dispatchEvent(new CustomEvent("roost:" + name, { detail }));
}
