// Where the visitor is, on pages that go from one address to the next without being loaded.
import { now, text } from "./common.js";
import { post } from "./frame.js";

// The title follows the address, and who clicks through pages means the one they stay on.
const SETTLED_MS = 500;
const LOOK_EVERY_MS = 1000;

let known = location.href;
let settling = 0;
let looking = 0;

function look() {
  if (location.href === known) return;
  known = location.href;
  clearTimeout(settling);
  // A panel that comes later says it when it asks to be let in.
  settling = setTimeout(() => now.isReady && post({ t: "page", url: text(known), title: text(document.title) }), SETTLED_MS);
}

// The Navigation API tells of pushState and replaceState, too. Browsers without it are asked once a second: to put functions of
// ours into the page's `history` would be quicker, but a router's own changes to it and ours would get into each other's way.
export function watchPlace(change) {
  if (window.navigation) return navigation[change]("currententrychange", look);
  clearInterval(looking);
  if (change === "addEventListener") looking = setInterval(look, LOOK_EVERY_MS);
}
