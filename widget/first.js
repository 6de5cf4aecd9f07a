// What the frame can do before its program has arrived: the page's port is taken, and what is typed is kept.
// The program asks for both with `firstWords(take)`; `take` is called once with the port.
(() => {
  const field = document.getElementById("first");
  let port;
  let take;

  // Opened as a page there is nobody to talk for.
  field.disabled = parent === window;

  // To whoever is around, because nobody can say for sure who that is: not every browser names a frame's ancestors, and pages may
  // withhold the referrer. It gives nothing away, and only the campaign's sites can be around: `frame-ancestors` sees to it.
  // The page may not listen yet; two minutes are enough on any line.
  const hello = () => parent.postMessage("roost:frame", "*");
  const hellos = setInterval(hello, 250);
  setTimeout(clearInterval, 120000, hellos);
  hello();

  const give = () => port && take && take(port);
  const receive = (event) => {
    if (event.source !== parent || !event.data || event.data.t !== "roost:port" || !event.ports[0]) return;
    removeEventListener("message", receive);
    clearInterval(hellos);
    port = event.ports[0];
    give();
  };
  addEventListener("message", receive);

  window.firstWords = (then) => {
    take = then;
    give();
  };

  field.placeholder = /^de/.test(navigator.language) ? "Nachricht schreiben…" : "Write a message…";
  // The page gives this window the focus. On touch screens the composer would raise the keyboard over the conversation.
  const enter = () => requestAnimationFrame(() => matchMedia("(pointer: coarse)").matches || field.focus());
  addEventListener("focus", enter, { once: true });
  if (document.hasFocus()) enter();
  field.onkeydown = (event) => {
    if (event.key === "Escape" && port) port.postMessage({ v: 1, t: "close" });
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !field.value.trim()) return;
    // Sent as soon as somebody can send it.
    event.preventDefault();
    field.readOnly = true;
  };
})();
