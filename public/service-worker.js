// Keeps the app's files on the device, so that it opens without a network.
//
// It knows the app's files, and the last screens that the app kept (kept-screen.js). Of the database it
// reads the parts of files that are on the phone, so that a browser can play a film that it could not
// hold (docs/decisions/0020-files-in-parts.md); it writes nothing there, and never answers for
// the server. The build fills in the two constants below (xtask/src/post_build/worker.rs).
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
  const onPhone = ON_PHONE.exec(path);
  if (FILES[path] !== undefined) {
    event.respondWith(fromCache(path, request));
  } else if (onPhone) {
    event.respondWith(fileOnPhone(onPhone[1], request.headers.get("range")));
    return;
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

// ── Files that are on the phone ────────────────────────────────────────────────────────────────

// The address of such a file; what stands behind the hash is a name for whoever saves it.
const ON_PHONE = /^\/files\/([0-9a-f]{64})(?:\/|$)/;
const DATABASE = "keruen";
// What a browser shows by itself and what cannot run. Everything else is for saving.
const SHOWN = /^(?:audio\/[\w.+-]+|video\/[\w.+-]+|image\/(?:avif|gif|jpeg|png|webp)|application\/pdf)$/;
// An answer to "from here to the end" is no longer: a player asks again for what follows.
const WINDOW_BYTES = 4 * 1024 * 1024;

// The file, or the part of it that is asked for, read as the browser takes it.
async function fileOnPhone(sha256, range) {
  let file;
  try {
    file = heldFile(await valueOf("held", sha256));
  } catch {
    return new Response(null, { status: 503 });
  }
  if (file === undefined) return new Response(null, { status: 404 });
  const { size, partBytes, type } = file;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'none'; frame-ancestors 'none'"
      + (type === "application/pdf" ? "; object-src 'self'; style-src 'unsafe-inline'" : "; sandbox"),
    "content-type": SHOWN.test(type) ? type : "application/octet-stream",
    "x-content-type-options": "nosniff",
  });
  if (!SHOWN.test(type)) headers.set("content-disposition", "attachment");
  let [start, end, status] = [0, size, 200];
  const asked = /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
  if (asked && asked[0] !== "bytes=-") {
    status = 206;
    if (asked[1] === "") {
      start = Math.max(0, size - Number(asked[2]));
    } else {
      start = Number(asked[1]);
      end = Math.min(size, asked[2] === "" ? start + WINDOW_BYTES : Number(asked[2]) + 1);
    }
    if (start >= end) {
      headers.set("content-range", `bytes */${size}`);
      return new Response(null, { status: 416, headers });
    }
    headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  }
  headers.set("content-length", end - start);
  const body = new ReadableStream({
    async pull(controller) {
      if (start >= end) return controller.close();
      const number = Math.floor(start / partBytes);
      const part = await valueOf("parts", `${sha256}#${number.toString(16).padStart(8, "0")}`);
      const piece = part?.subarray(start - number * partBytes, end - number * partBytes);
      if (!piece?.length) throw new Error("a part is not there");
      start += piece.length;
      controller.enqueue(piece);
    },
  }, { highWaterMark: 0 });
  return new Response(body, { status, headers });
}

// What the app wrote of a file (HeldFile in src/store/schema.rs): the form 1, the file's length, the
// length of a part, the media type; what follows is not for here.
function heldFile(bytes) {
  if (bytes?.[0] !== 1) return undefined;
  let place = 1;
  const number = () => {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = bytes[place++];
      value += (byte & 127) * unit;
      if (byte < 128) return value;
      if (byte === undefined || unit > 2 ** 49) throw new Error("no number");
    }
  };
  const [size, partBytes, typeBytes] = [number(), number(), number()];
  const type = new TextDecoder().decode(bytes.subarray(place, place + typeBytes));
  return partBytes > 0 ? { size, partBytes, type } : undefined;
}

// One value. The database is opened as it is and closed at once: it is neither made nor brought up to
// date here, and nobody who wants to do that waits for this.
function valueOf(table, key) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE);
    // There is none: one that was made here would have no tables.
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("blocked"));
    opening.onsuccess = () => {
      const database = opening.result;
      database.onversionchange = () => database.close();
      if (!database.objectStoreNames.contains(table)) {
        database.close();
        return resolve(undefined);
      }
      const reading = database.transaction(table);
      const request = reading.objectStore(table).get(key);
      reading.oncomplete = () => resolve(request.result);
      reading.onabort = () => reject(reading.error);
      // It closes when the reading has ended.
      database.close();
    };
  });
}
