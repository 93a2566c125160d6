// Keeps the app's files on the device, so that it opens without a network.
//
// It knows the app's files, and the last screens that the app kept (kept-screen.js): it never looks
// into the database and never answers for the server. The build fills in the two constants below
// (xtask/src/post_build/worker.rs).
// docs/offline.md tells the whole story, the messages, and how to switch this worker off.
"use strict";

// One version of the app: a hash over the list of its files.
const VERSION = "unbuilt";
// Address → SHA-256 of the bytes.
const FILES = {};

const CACHE_PREFIX = "keruen-app-";
const CACHE = CACHE_PREFIX + VERSION;
const PAGE = "/index.html";
// Two pieces of it.
const ROOT = "<html lang=\"kk\">";
const SHELL = "<div id=\"shell\"";
// The last screens: kept-screen.js puts them there.
const SCREENS = "keruen-screens";
// Pages under these addresses come from the server, never from the cache.
const SERVER_PATHS = ["/api/", "/c/", "/healthz", "/p/", "/s/"];
// Files under this address bear the hash of their content in their name.
const ASSETS = "/assets/";
// The entry in a cache that names the versions before it and the pages that were open then.
const OLDER = "/service-worker/older";

// ── Installing: the new version beside the old one ─────────────────────────────────────────────

self.addEventListener("install", event => event.waitUntil(install()));

// The new cache counts only when this has succeeded. An attempt that broke off is resumed: what
// it had verified is still there.
async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(FILES).map(([path, hash]) => provide(cache, path, hash)));
}

async function provide(cache, path, hash) {
  const key = keyOf(path, hash);
  if (await cache.match(key)) return;
  // The page is downloaded even if its bytes are known: its headers carry the security policy,
  // and that may have changed.
  const known = path === PAGE ? undefined : await caches.match(key);
  await cache.put(key, known ?? await download(path, hash));
}

// Past every HTTP cache, and refused unless the bytes are those of the build: half a file, a
// hotel's log-in page or another version must not become part of this one.
async function download(path, hash) {
  const response = await fetch(path, { cache: "no-cache", credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(`${path}: status ${response.status}`);
  const actual = await sha256(await response.clone().arrayBuffer());
  if (actual !== hash) throw new Error(`${path}: the bytes are not those of version ${VERSION}`);
  return response;
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, byte => byte.toString(16).padStart(2, "0")).join("");
}

// The hash in the address lets a later version find the same content and copy it.
function keyOf(path, hash) {
  return `${path}?sha256=${hash}`;
}

// ── Taking over: when the person agrees, or at the next start ──────────────────────────────────

self.addEventListener("message", event => {
  if (event.data?.type === "take-over") self.skipWaiting();
  if (event.data?.type === "which-version") {
    event.source?.postMessage({ type: "version", version: VERSION });
  }
});

self.addEventListener("activate", event => event.waitUntil(activate()));

async function activate() {
  const others = (await caches.keys())
    .filter(name => name.startsWith(CACHE_PREFIX) && name !== CACHE);
  if (others.length === 0) {
    // The very first version: the open page is of this version too, so it may be served at once.
    await self.clients.claim();
    return;
  }
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const older = {
    pages: open.map(client => client.id),
    // A version that is being installed just now is not older; it will clean up after itself.
    caches: self.registration.installing ? [] : others,
  };
  await (await caches.open(CACHE)).put(OLDER, Response.json(older));
  await sweep();
}

// Deletes older versions once this one is whole and no page of theirs is open.
let isSwept = false;
async function sweep() {
  const cache = await caches.open(CACHE);
  const entry = await cache.match(OLDER);
  if (entry === undefined) {
    isSwept = true;
    return;
  }
  const older = await entry.json();
  const pages = await Promise.all(older.pages.map(id => self.clients.get(id)));
  if (pages.some(page => page !== undefined)) return;
  const files = await Promise.all(
    Object.entries(FILES).map(([path, hash]) => cache.match(keyOf(path, hash))));
  if (files.includes(undefined)) return;
  await Promise.all(older.caches.map(name => caches.delete(name)));
  await cache.delete(OLDER);
}

// The browser needs a while until it can open databases. A look at their names makes it begin now,
// long before the page that this worker was started for can ask.
try {
  self.indexedDB.databases().catch(() => {});
} catch {
  // A browser that cannot tell them, or has no storage: then the page waits, or says so.
}

// ── Answering ──────────────────────────────────────────────────────────────────────────────────

self.addEventListener("fetch", event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const path = url.pathname;
  if (FILES[path] !== undefined) {
    event.respondWith(fromCache(path, request));
  } else if (path.startsWith(ASSETS)) {
    event.respondWith(fromOlderVersion(path, request));
  } else if (request.mode === "navigate" && !SERVER_PATHS.some(start => path.startsWith(start))) {
    // Every address of the app is the same page; the app itself finds what the address means.
    event.respondWith(page(path, url.search, request));
  } else {
    return;
  }
  // A page that has just gone is still listed for a moment, hence not only once.
  if (!isSwept) event.waitUntil(sweep());
});

async function fromCache(path, request) {
  const cache = await caches.open(CACHE);
  return await cache.match(keyOf(path, FILES[path])) ?? fetch(request);
}

// The page, with the last screen that was kept at this address if it is still true. The cache and
// what is in it are those of kept-screen.js.
async function page(path, search, request) {
  const [empty, kept] = await Promise.all([fromCache(PAGE, request), search ? undefined : keptAt(path)]);
  if (kept === undefined) return empty;
  const text = await empty.clone().text();
  if (!text.includes(`"${kept.style}"`) || !text.includes(ROOT) || !text.includes(SHELL)) return empty;
  const filled = text
    .replace(ROOT, () => `<html${kept.root}>`)
    .replace(SHELL, () => `<div id="kept-screen" aria-busy="true">${kept.markup}</div>${SHELL}`);
  // With the security policy, which forbids that any of it runs, and without what is of other bytes.
  const headers = new Headers(empty.headers);
  for (const name of ["content-encoding", "content-length", "etag"]) headers.delete(name);
  return new Response(filled, { headers });
}

async function keptAt(path) {
  try {
    const kept = await (await caches.match(path, { cacheName: SCREENS }))?.json();
    const isTrue = kept?.languages === navigator.languages.join()
      && (kept.day === null || kept.day === new Date().toDateString());
    return isTrue ? kept : undefined;
  } catch {
    // The page opens without it.
    return undefined;
  }
}

// A page that was open at the switch may still ask for a file of its own version.
async function fromOlderVersion(path, request) {
  return await caches.match(path, { ignoreSearch: true }) ?? fetch(request);
}
