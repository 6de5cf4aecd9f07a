// Settings, and what they make of the button and the panel's frame.
import { button, host, now, options, root, warn, widget } from "./common.js";
import { post } from "./frame.js";
import { identify } from "./relay.js";

const LOOK = ["color", "corner", "offset_x", "offset_y", "theme", "title", "welcome", "language"];

// What the page said itself, which the campaign does not change.
const explicit = {};
const badge = document.createElement("span");
const sheet = new CSSStyleSheet();

const snake = (name) => name.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase());

export function apply(settings) {
  for (const given in settings || {}) {
    const option = snake(given);
    if (option === "identity_token") settings[given] && identify({ token: settings[given] });
    else if (LOOK.includes(option)) explicit[option] = options[option] = settings[given];
    else if (!["key", "global", "src"].includes(option)) warn(`the setting "${given}" is not known.`);
  }
}

export function appear(appearance) {
  for (const option of LOOK) {
    if (appearance && option in appearance) options[option] = appearance[option];
  }
  Object.assign(options, explicit);
  widget.paint();
  sheet.replaceSync(panelStyle());
  if (now.isReady) post({ t: "look", ...look() });
}

export function look() {
  const appearance = {};
  for (const option of LOOK) appearance[option] = options[option];
  const language = options.language || root.lang || navigator.language;
  return { appearance, language, dir: options.language ? "ltr" : getComputedStyle(root).direction };
}

function panelStyle() {
  const side = options.corner === "left" ? "left" : "right";
  const x = +options.offset_x || 0;
  const y = +options.offset_y || 0;
  return `
    button:hover { filter: brightness(1.1) }
    button[aria-expanded=true]:before { clip-path: path('M5 10l9 9 9-9-2-2-7 7-7-7z') }
    span { position: absolute; top: -4px; right: -4px; box-sizing: border-box; min-width: 20px; padding: 0 6px; border-radius: 10px;
      background: #b42318; color: #fff; font: 600 12px/20px system-ui; text-align: center }
    span:empty { display: none }
    iframe { bottom: calc(${y + 72}px + env(safe-area-inset-bottom)); ${side}: calc(${x}px + env(safe-area-inset-${side}));
      width: 384px; max-width: calc(100vw - ${2 * x}px); height: min(680px, calc(100vh - ${y + 84}px)); border-radius: 16px;
      box-shadow: 0 12px 40px #0003, 0 0 0 1px #0001; opacity: 0; transform: translateY(12px) scale(.98);
      transform-origin: bottom ${side}; transition: opacity .18s ease-out, transform .18s ease-out, visibility 0s .18s; color-scheme: normal }
    iframe.near { visibility: visible; pointer-events: none; transition: none }
    iframe.open { visibility: visible; opacity: 1; transform: none; transition-delay: 0s }
    @media (max-width: 479px) {
      iframe { inset: 0; width: 100%; max-width: none; height: 100%; border-radius: 0; box-shadow: none }
      button[aria-expanded=true] { display: none }
    }
    @media (prefers-reduced-motion: reduce) { iframe { transition: none; transform: none } }
    @media print { iframe { display: none } }`;
}

// Says on the button what the panel is and how much is unread.
export function show() {
  const words = widget.isGerman() ? ["Chat öffnen", "Chat schließen", "ungelesen"] : ["Open chat", "Close chat", "unread"];
  badge.textContent = now.unread > 9 ? "9+" : now.unread || "";
  button.setAttribute("aria-expanded", now.isOpen);
  button.setAttribute("aria-label", words[+now.isOpen] + (now.unread ? `, ${now.unread} ${words[2]}` : ""));
}

export function dress() {
  sheet.replaceSync(panelStyle());
  host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet];
  button.append(badge);
  show();
}
