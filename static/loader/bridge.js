// The bridge: the host page's side of the panel. Comes on intent, keeps the visitor's token, owns the panel's frame and the
// public calls. What passes between page and frame is named here, message by message; no markup and no address to open does.
(() => {
  const widget = document.currentScript && document.currentScript.widget;
  if (!widget || widget.isBridged) return;
  widget.isBridged = true;

  const { base, key, host, button, options } = widget;
  const root = document.documentElement;
  const origin = new URL(base).origin;
  const badge = document.createElement("span");
  const phone = matchMedia("(max-width: 479px)");
  const LOOK = ["color", "corner", "offset_x", "offset_y", "theme", "title", "welcome", "language"];
  const EVENTS = ["open", "close", "availability", "message:sent", "message:received", "message:failed", "typing", "conversation:started", "conversation:ended", "error"];
  const PERSON = ["id", "name", "email", "phone", "company"];
  const EARLY_MS = 45000;
  const CALL_BYTES = 65536;

  const listeners = new Map();
  const warned = new Set();
  const person = {};
  const attributes = {};
  const tags = new Set();
  const explicit = {};

  let visitor = recall("");
  let mayStore = true;
  let port = null;
  let isReady = false;
  let isOpen = false;
  let isAllowed = false;
  let isRefused = false;
  let wantsFocus = false;
  let hasHistory = false;
  let unread = 0;
  let availability = null;
  let conversation = null;
  let early = null;
  let pending = [];
  let titlePrefix = "";
  let overflow = null;
  let afterForget = null;
  let identityTimer = 0;

  // ---- what is kept on the device, never before the visitor acted

  function recall(name) {
    try {
      return localStorage.getItem("roost:" + key + name);
    } catch {
      return null;
    }
  }

  function remember(name, value) {
    try {
      if (value === null) localStorage.removeItem("roost:" + key + name);
      else if (mayStore) localStorage.setItem("roost:" + key + name, value);
    } catch {
      // Without storage the visitor is remembered for as long as the page lives.
    }
  }

  // ---- small things

  const warn = (text) => {
    if (warned.has(text)) return;
    warned.add(text);
    console.warn("Roost: " + text);
  };
  const text = (value) => String(value === undefined || value === null ? "" : value).slice(0, 2000);
  const snake = (name) => name.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase());
  const post = (message) => port && port.postMessage(message);

  function emit(name, detail) {
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

  function call(name, argument) {
    if (!isReady) pending.push([name, argument]);
    else post({ t: "call", name, argument });
  }

  // ---- settings and look

  function apply(settings) {
    for (const given in settings || {}) {
      const option = snake(given);
      if (LOOK.includes(option)) explicit[option] = options[option] = settings[given];
      else if (!["key", "global", "src"].includes(option)) warn(`the setting "${given}" is not known.`);
    }
  }

  function appear(appearance) {
    for (const option of LOOK) {
      if (appearance && option in appearance) options[option] = appearance[option];
    }
    Object.assign(options, explicit);
    widget.paint();
    sheet.replaceSync(panelStyle());
    if (isReady) post({ t: "look", ...look() });
  }

  function look() {
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
  function show() {
    const words = widget.isGerman() ? ["Chat öffnen", "Chat schließen", "ungelesen"] : ["Open chat", "Close chat", "unread"];
    badge.textContent = unread > 9 ? "9+" : unread || "";
    button.setAttribute("aria-expanded", isOpen);
    button.setAttribute("aria-label", words[+isOpen] + (unread ? `, ${unread} ${words[2]}` : ""));
  }

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(panelStyle());
  host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet];

  // ---- asking the relay

  function identity() {
    const said = { ...attributes };
    if (tags.size) said.tags = [...tags].join(", ");
    const out = { ...person };
    if (Object.keys(said).length) out.attributes = said;
    return Object.keys(out).length ? out : undefined;
  }

  async function boot() {
    const page = {
      url: text(location.href),
      title: text(document.title),
      referrer: text(document.referrer),
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
        body: JSON.stringify({ key, visitor: visitor || undefined, page }),
      });
      body = await answer.json();
    } catch {
      return { t: "boot", ok: false, code: "network" };
    }
    if (answer.ok) {
      isAllowed = true;
      availability = body.availability;
      appear(body.appearance);
      if (isOpen) reveal();
      return { t: "boot", ok: true, boot: body.boot, availability, unread: body.unread };
    }
    const code = body.code || "http_" + answer.status;
    if (answer.status === 403) refuse(code);
    return { t: "boot", ok: false, code };
  }

  // The first answer is fetched while the panel still loads and handed over when the frame asks.
  function bootEarly() {
    if (!early) early = { at: Date.now(), answer: boot() };
    return early.answer;
  }

  async function answerBoot() {
    const ready = early && Date.now() - early.at < EARLY_MS ? early.answer : null;
    early = null;
    const from = port;
    const answer = await (ready || boot());
    if (from && from === port) from.postMessage(answer);
  }

  function refuse(code) {
    if (!isRefused) {
      console.error(
        code === "origin_not_allowed"
          ? `Roost: ${location.origin} may not show this widget. Add it to the allowed origins of its campaign.`
          : "Roost: this widget key is not known. Copy the snippet again from its campaign.",
      );
    }
    isRefused = true;
    close();
    dropFrame();
    host.style.setProperty("display", "none", "important");
    emit("error", { code });
  }

  // ---- the frame

  function needFrame() {
    if (isRefused || widget.gone) return;
    if (!widget.frame) widget.make();
    if (!widget.frame.title) {
      widget.frame.title = options.title || "Chat";
      widget.frame.allow = "clipboard-write";
      widget.frame.tabIndex = -1;
      addEventListener("message", greet);
    }
  }

  function dropFrame() {
    removeEventListener("message", greet);
    if (port) port.close();
    if (widget.frame) widget.frame.remove();
    widget.frame = port = null;
    isReady = false;
    pending = [];
  }

  // The frame says it runs; it gets a port of its own, and from then on nothing is read from the window.
  function greet(event) {
    if (!widget.frame || event.source !== widget.frame.contentWindow || event.origin !== origin || event.data !== "roost:frame") return;
    removeEventListener("message", greet);
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = (message) => receive(message.data);
    event.source.postMessage({ t: "roost:port" }, origin, [channel.port2]);
    post({ t: "init", key, ...look(), open: isOpen, focus: wantsFocus, known: Boolean(visitor) });
    takeFocus();
  }

  // A frame that was moved in the page starts over.
  widget.again = () => {
    if (!widget.frame) return;
    if (port) port.close();
    port = null;
    isReady = false;
    addEventListener("message", greet);
  };

  function receive(message) {
    if (!message || typeof message !== "object") return;
    switch (message.t) {
      case "ready":
        isReady = true;
        isAllowed = true;
        button.removeAttribute("aria-busy");
        if (isOpen) reveal();
        else approach(true);
        for (const [name, argument] of pending.splice(0)) call(name, argument);
        emit("ready");
        break;
      case "boot":
        answerBoot();
        break;
      case "store":
        if (typeof message.visitor !== "string" || message.visitor.length > 512) return;
        visitor = message.visitor;
        remember("", visitor);
        remember(":at", String(Date.now()));
        if (isOpen) remember(":open", "1");
        break;
      case "unread":
        if (!Number.isInteger(message.n) || message.n < 0 || message.n === unread) return;
        setUnread(message.n);
        break;
      case "conversation":
        conversation = text(message.id);
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
        if (message.name === "availability") availability = message.data;
        emit(message.name, message.data);
        // Cut off for good: the relay says whether page or key, and the widget goes.
        if (message.name === "error" && message.data && message.data.code === 4403) boot();
    }
  }

  // ---- opening and closing

  // While somebody is about to open it, the panel is drawn already, though nobody sees or reaches it.
  function approach(isNear) {
    if (!isReady || isOpen) return;
    widget.frame.className = isNear ? "near" : "";
    widget.frame.ariaHidden = isNear;
  }

  function reveal() {
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
  function takeFocus() {
    if (!wantsFocus || !port || widget.frame.className !== "open") return;
    wantsFocus = false;
    widget.frame.focus();
  }

  function open() {
    if (isRefused) return;
    needFrame();
    if (isOpen) return;
    isOpen = true;
    wantsFocus = !navigator.userActivation || navigator.userActivation.isActive;
    if (!isReady) bootEarly();
    // A frame that is not ready yet hears this after its first message, which said that the panel is closed.
    post({ t: "open", focus: wantsFocus });
    // First what the visitor waits for.
    if (isAllowed) reveal();
    if (!isReady) button.setAttribute("aria-busy", "true");
    show();
    if (recall("") !== null) remember(":open", "1");
    if (phone.matches) enterPhone();
    emit("open");
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
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
    const isFull = isOpen && phone.matches;
    frame.style.height = isFull ? view.height + "px" : "";
    frame.style.top = isFull ? view.offsetTop + "px" : "";
    frame.style.bottom = isFull ? "auto" : "";
  }

  const onBack = () => {
    if (isOpen && hasHistory) {
      hasHistory = false;
      close();
    }
  };
  const onKey = (event) => {
    if (event.key === "Escape") close();
  };

  // ---- unread

  function setUnread(count) {
    unread = count;
    show();
    setTitle();
    emit("unread", { unread });
  }

  function setTitle() {
    if (titlePrefix && document.title.startsWith(titlePrefix)) document.title = document.title.slice(titlePrefix.length);
    titlePrefix = unread && document.hidden ? `(${unread}) ` : "";
    if (titlePrefix) document.title = titlePrefix + document.title;
  }

  // ---- who the visitor is, as the page says

  function describe(change) {
    const before = JSON.stringify(identity());
    change();
    if (JSON.stringify(identity()) === before || !isReady) return;
    clearTimeout(identityTimer);
    // One connection for many calls in a row.
    identityTimer = setTimeout(() => post({ t: "reconnect" }), 300);
  }

  function setAttributes(prefix, values) {
    describe(() => {
      for (const name in values || {}) attributes[text(prefix + name).slice(0, 100)] = text(values[name]);
    });
  }

  // ---- forgetting

  // The frame erases what it keeps; then everything of ours goes.
  function forget(then) {
    const finish = () => {
      afterForget = null;
      dropFrame();
      then();
    };
    const hadVisitor = visitor || port;
    visitor = conversation = early = null;
    for (const name of ["", ":at", ":open"]) remember(name, null);
    for (const name of Object.keys(person)) delete person[name];
    for (const name of Object.keys(attributes)) delete attributes[name];
    tags.clear();
    setUnread(0);
    close();
    if (!hadVisitor || isRefused) return finish();
    needFrame();
    call("forget");
    afterForget = finish;
    setTimeout(() => afterForget === finish && finish(), 5000);
  }

  function watchPage(change) {
    window[change]("popstate", onBack);
    document[change]("visibilitychange", setTitle);
    host.shadowRoot[change]("keydown", onKey);
    if (window.visualViewport) {
      visualViewport[change]("resize", fit);
      visualViewport[change]("scroll", fit);
    }
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

  // ---- the public calls

  const later = (name) => () => warn(`${name} is not available yet.`);
  const display = (value) => host.style.setProperty("display", value, "important");

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
    identify(who) {
      describe(() => {
        for (const name in who || {}) {
          if (PERSON.includes(name)) person[name] = text(who[name]);
          else warn(`identify: "${name}" is not used yet.`);
        }
      });
    },
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
    toggle: () => (isOpen ? close() : open()),
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
    endConversation: later("endConversation"),
    setAttributes: (values) => setAttributes("", values),
    removeAttribute(name) {
      describe(() => delete attributes[name]);
    },
    setConversationAttributes: (values) => setAttributes("conversation.", values),
    addTags(...names) {
      describe(() => names.flat().forEach((name) => tags.add(text(name))));
    },
    removeTags(...names) {
      describe(() => names.flat().forEach((name) => tags.delete(text(name))));
    },
    track: later("track"),
    setDepartment: later("setDepartment"),
    setLocale: (language) => verbs.update({ language }),
    setTheme: (theme) => verbs.update({ theme }),
    setPosition: (place) => verbs.update(typeof place === "string" ? { corner: place } : place),
    consent(isGiven) {
      mayStore = isGiven !== false;
      if (!mayStore) forget(() => {});
    },
    get(what) {
      const state = {
        ready: isReady,
        open: isOpen,
        unread,
        availability,
        conversationId: conversation,
        visitorId: null,
        consent: mayStore,
      };
      return what === "state" || what === undefined ? state : state[what];
    },
    on(name, listener) {
      if (typeof listener !== "function") return warn("on needs a name and a function.");
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      if (name === "ready" && isReady) queueMicrotask(listener);
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

  widget.call = (verb, ...rest) => {
    try {
      if (Object.hasOwn(verbs, verb)) return verbs[verb](...rest);
      warn(`there is no call "${verb}".`);
    } catch (error) {
      console.error("Roost:", error);
    }
  };

  // ---- start

  for (const source of [widget.script.dataset, window.RoostSettings]) apply(source);
  button.append(badge);
  button.addEventListener("pointerenter", () => approach(true));
  button.addEventListener("pointerleave", () => approach(false));
  show();
  watchPage("addEventListener");
  if (widget.frame) needFrame();
  for (const args of widget.queue.splice(0)) widget.call(...args);

  // A visitor who wrote before: what did they miss? Those of the last week follow their conversation live.
  if (!widget.frame && visitor && !widget.gone) {
    bootEarly().then((answer) => {
      if (!answer.ok) return;
      if (answer.unread) setUnread(answer.unread);
      const isRecent = Date.now() - Number(recall(":at")) < 7 * 86400000;
      if (answer.unread || isRecent) needFrame();
      if (recall(":open") && !phone.matches) open();
    });
  }
})();
