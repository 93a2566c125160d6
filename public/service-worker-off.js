// The kill switch: put in the place of service-worker.js, it undoes every worker that phones
// have. It removes the app's files and the last screens from the caches, and itself; the database,
// with everything that people wrote, is not touched. docs/offline.md says when and how.
"use strict";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", event => event.waitUntil((async () => {
  const names = await caches.keys();
  await Promise.all(names.filter(name => name.startsWith("keruen-")).map(name => caches.delete(name)));
  await self.registration.unregister();
})()));
