// Keeps what the agenda, or today's page, looks like, so that the service worker can send it along
// when the app is opened again. On a cheap phone the app needs a second or more to start, and a
// person may want no more than the name of a room.
//
// Nothing false may be shown: what is kept is forgotten as soon as anything of it may look
// different, and marks of the present moment are not shown with it. docs/offline.md tells the story.

// The service worker knows this name too. A cache, because what is in it is there even if the
// browser is killed, which localStorage does not promise.
const CACHE = "keruen-screens";
// How long nothing may have moved on the page before it is kept.
const QUIET_MS = 1000;
// Classes that say how something stands to the present moment.
const OF_THE_MOMENT = ["is-now", "is-past", "is-today"];
const WITHOUT_END = ["br", "hr", "img", "input", "wbr"];

// ── Keeping ────────────────────────────────────────────────────────────────────────────────────

// The places whose pages are kept, each the last one; the others hold what is typed.
const placeOf = address => ["", "agenda"].find(place => place === address.split("/")[1]);

async function keep() {
  const app = document.querySelector("body > .app");
  const address = location.pathname;
  const place = placeOf(address);
  if (place === undefined || location.search || !app) return;
  const [, event, day] = address.split("/").slice(1);
  const root = document.documentElement;
  const screen = new Response(JSON.stringify({
    // What must be the same when it is shown.
    style: document.querySelector("link[rel=stylesheet]")?.getAttribute("href"),
    languages: navigator.languages.join(),
    // Only where the address names no day.
    day: (place === "" || event) && !day ? new Date().toDateString() : null,
    root: attributes(root),
    markup: markup(app),
  }));
  const cache = await caches.open(CACHE);
  await cache.put(address, screen);
  for (const { url } of await cache.keys()) {
    const other = new URL(url).pathname;
    if (other !== address && placeOf(other) === place) await cache.delete(url);
  }
}

const CODED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" };
const coded = text => text.replace(/[&<>"]/g, letter => CODED[letter]);

function attributes(element) {
  return [...element.attributes].map(({ name, value }) => {
    const kept = name === "class"
      ? value.split(" ").filter(word => !OF_THE_MOMENT.includes(word)).join(" ")
      : value;
    return ` ${name}="${coded(kept)}"`;
  }).join("");
}

function markup(element) {
  const name = element.localName;
  let inside = "";
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) inside += coded(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE && isKept(child)) inside += markup(child);
  }
  const end = WITHOUT_END.includes(name) ? "" : `${inside}</${name}>`;
  return `<${name}${attributes(element)}>${end}`;
}

// Messages are about a moment that is gone, and what is below the window costs time.
function isKept(element) {
  const top = element.getBoundingClientRect().top + scrollY;
  return top < innerHeight && !element.matches("[role=status], [role=alert]");
}

// ── Being shown ────────────────────────────────────────────────────────────────────────────────

// A press is answered when the app is there: it opens at the address of a link, and the same button
// is pressed again.
let pressed;
const buttons = within => [...within?.querySelectorAll("button") ?? []];
const shown = document.getElementById("kept-screen");
shown?.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (button) pressed = { at: buttons(shown).indexOf(button), kind: button.className };
  const link = event.target.closest("a[href]");
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.target || link.hash || link.origin !== location.origin) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
});

function pressAgain() {
  const button = pressed && buttons(document.querySelector("body > .app"))[pressed.at];
  if (button?.className === pressed?.kind) button?.click();
}

// ── When ───────────────────────────────────────────────────────────────────────────────────────

// One after the other. Without room, or where the browser has no caches, nothing is kept, and that
// is all.
let last = Promise.resolve();
function queue(action) {
  last = last.then(action).catch(error => console.debug(error));
}

let timer;
function keepWhenQuiet() {
  clearTimeout(timer);
  timer = setTimeout(keepNow, QUIET_MS);
}
function keepNow() {
  clearTimeout(timer);
  timer = undefined;
  queue(keep);
}

// The app takes the shell away and is there in the same task.
const start = new MutationObserver(started);
start.observe(document.body, { childList: true });
started();
function started() {
  if (document.getElementById("shell")) return;
  start.disconnect();
  pressAgain();
  new MutationObserver(keepWhenQuiet).observe(document.body, {
    attributes: true, characterData: true, childList: true, subtree: true,
  });
  keepWhenQuiet();
}
// The app says that what is on the device changed, or how it is to look.
addEventListener("keruen-changed", () => {
  queue(() => caches.delete(CACHE));
  keepWhenQuiet();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && timer !== undefined) keepNow();
});
