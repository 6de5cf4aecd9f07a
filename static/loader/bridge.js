// The bridge: the host page's side of the panel. Comes on intent, keeps the visitor's token, owns the panel's frame and the
// public calls.
import { answerCall } from "./bridge/calls.js";
import { button, now, phone, recall, widget } from "./bridge/common.js";
import { needFrame } from "./bridge/frame.js";
import { apply, dress } from "./bridge/look.js";
import { approach, open, setUnread, watchPage } from "./bridge/panel.js";
import { bootEarly } from "./bridge/relay.js";

for (const source of [widget.script.dataset, window.RoostSettings]) apply(source);
dress();
button.addEventListener("pointerenter", () => approach(true));
button.addEventListener("pointerleave", () => approach(false));
watchPage("addEventListener");
if (widget.frame) needFrame();
widget.call = answerCall;
widget.load = (isWithoutPanel) => isWithoutPanel || needFrame();
for (const args of widget.queue.splice(0)) answerCall(...args);

// A visitor who wrote before: what did they miss? The panel is loaded only for an answer they have not read, for words of theirs
// that were not sent yet, or because they left it open; whoever merely looks at the next page pays for one request.
if (!widget.frame && now.visitor && !widget.gone) {
  bootEarly().then((answer) => {
    if (!answer.ok) return;
    if (answer.unread) setUnread(answer.unread);
    if (answer.unread || recall(":unsent")) needFrame();
    if (recall(":open") && !phone.matches) open();
  });
}
