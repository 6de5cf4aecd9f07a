// The launcher: paints the button and waits. Whatever needs the network comes with the bridge, on intent.
// Everything here is paid by every page view, so it does nothing that can be done later.
(() => {
  const settings = __ROOST_SETTINGS__;
  const page = document;
  const root = page.documentElement;
  const script = page.currentScript || {};
  const data = script.dataset || {};
  const key = settings.key || data.key;
  const name = data.global || "Roost";
  const earlier = window[name];
  const options = { ...settings.appearance };
  const queue = [];
  const state = { ready: false, open: false, unread: 0, availability: null, conversationId: null, visitorId: null, consent: true };
  const create = (tag) => page.createElement(tag);

  // The same line pasted twice must not make two launchers.
  if (!key || (earlier && earlier.key === key)) return;
  const apply = (source) => {
    for (const option in source) options[option.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase())] = source[option];
  };
  apply(data);
  apply(window.RoostSettings);

  const host = create("div");
  const button = create("button");
  const sheet = new CSSStyleSheet();

  const widget = {
    base: settings.base,
    key,
    name,
    options,
    queue,
    script,
    host,
    button,
    isGerman: () => (options.language || root.lang || navigator.language || "").startsWith("de"),
    paint() {
      const given = options.color + "";
      const number = given.length === 7 ? +("0x" + given.slice(1)) : NaN;
      const color = number >= 0 ? number : 0x0f766e;
      const light = 0.2126 * (color >> 16) ** 2.2 + 0.7152 * ((color >> 8) & 255) ** 2.2 + 0.0722 * (color & 255) ** 2.2;
      const side = options.corner === "left" ? "left" : "right";
      sheet.replaceSync(
        `button{all:unset;box-sizing:border-box;position:fixed;bottom:calc(${+options.offset_y || 0}px + env(safe-area-inset-bottom));${side}:calc(${+options.offset_x || 0}px + env(safe-area-inset-${side}));width:56px;height:56px;border-radius:50%;background:#${color.toString(16).padStart(6, 0)};color:${light > 35257 ? "#000" : "#fff"};cursor:pointer;box-shadow:0 4px 16px #0004;forced-color-adjust:none}` +
          "button:before{content:'';position:absolute;inset:14px;background:currentColor;clip-path:path(evenodd,'M7 3h14a5 5 0 0 1 5 5v8a5 5 0 0 1-5 5h-7l-6 5v-5H7a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5zM8 9h12v2H8zM8 13h8v2H8z')}" +
          "button:focus-visible{outline:2px solid #fff;box-shadow:0 0 0 4px #111}" +
          "iframe{position:fixed;visibility:hidden;border:0}" +
          "@media print{button{display:none}}",
      );
    },
    make() {
      const frame = (widget.frame = create("iframe"));
      frame.src = settings.base + "/widget/frame?key=" + key;
      host.shadowRoot.append(frame);
    },
    // Fetches the bridge, once, and begins with the panel unless nobody wants it yet. The bridge puts its own function here.
    load(isWithoutPanel) {
      if (!isWithoutPanel && !widget.frame) widget.make();
      if (widget.bridge) return;
      const bridge = (widget.bridge = create("script"));
      bridge.src = settings.base + settings.bridge;
      bridge.nonce = script.nonce || "";
      bridge.widget = widget;
      bridge.onerror = () => {
        widget.bridge = bridge.remove();
        if (widget.frame) widget.frame = widget.frame.remove();
      };
      page.head.append(bridge);
    },
    // The bridge puts its own function here, and makes up for what was called before.
    call(verb, ...rest) {
      const [what] = rest;
      if (verb === "get") return what && what !== "state" ? state[what] : { ...state };
      if (verb === "consent") state.consent = what !== false;
      // What is seen changes at once and needs no network.
      const isAway = /^(hi|shu|des)/.test(verb);
      if (isAway || /^(sho|boot)/.test(verb)) host.style.setProperty("display", isAway ? "none" : "block", "important");
      if (/^(boot|up|setP)/.test(verb)) {
        apply(typeof what === "string" ? { corner: what } : what);
        widget.paint();
      }
      queue.push([verb, ...rest]);
      // What wants the panel is intent. What ends something must not wait for intent, but mostly needs no panel.
      if (/^(op|tog|send|st)/.test(verb)) widget.load();
      if (/^(end|logo|shu|des)/.test(verb)) widget.load(true);
      if (/^on/.test(verb)) return () => api("off", ...rest);
    },
  };
  const api = (...call) => widget.call(...call);

  for (const verb of "boot update identify logout shutdown destroy open close toggle show hide openArticle openConversation prefill send startConversation endConversation setAttributes removeAttribute setConversationAttributes addTags removeTags track setDepartment setLocale setTheme setPosition consent get on once off".split(" ")) {
    api[verb] = (...rest) => api(verb, ...rest);
  }
  api.key = key;

  try {
    host.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    host.style.cssText = "all:initial!important;display:block!important;position:fixed!important;z-index:2147483000!important";
    widget.paint();
    host.shadowRoot.append(button);
    button.onpointerenter = button.onfocus = button.ontouchstart = () => widget.load();
    button.onclick = () => api("toggle");

    // Beside the body, not in it: pages that replace their body on navigation leave the panel's frame alone.
    const attach = (changes) => host.isConnected || widget.gone || (root.append(host), changes && widget.again && widget.again());
    const start = () => {
      attach();
      widget.watch = new MutationObserver(attach);
      widget.watch.observe(root, { childList: true });
    };
    page.body ? start() : page.addEventListener("DOMContentLoaded", start);
    if (!earlier || !earlier.key) window[name] = api;
    for (const call of (earlier && earlier.q) || []) api(...call);
    // What is seen comes first, then what is heard and remembered.
    const settle = () => {
      try {
        // Who was quick has the bridge by now, which says more.
        if (!button.hasAttribute("aria-label")) {
          button.setAttribute("aria-label", widget.isGerman() ? "Chat öffnen" : "Open chat");
          button.setAttribute("aria-expanded", false);
        }
        // Who wrote before is told what they missed.
        if (localStorage["roost:" + key]) widget.load(true);
      } catch (error) {
        // Storage may be forbidden.
      }
    };
    (window.requestIdleCallback || setTimeout)(settle, { timeout: 500 });
  } catch (error) {
    // The page must never notice.
  }
})();
