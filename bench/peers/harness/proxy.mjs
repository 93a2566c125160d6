// A TCP proxy between the browser and a peer's server. It counts bytes and HTTP requests, and can behave as a slow link.
// It runs in a thread of its own, so that a busy server in this process does not hold up the bytes under way.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Bytes each way, HTTP requests, and how much of the bytes is the heads of HTTP's messages. */
export const COUNTERS = { up: 0, down: 1, requests: 2, upHeads: 3, downHeads: 4 };
const QUIET_MS = 250;
const SETTLE_LIMIT_MS = 5_000;

/**
 * @typedef {object} Link
 * @property {number} bitsPerSecond  in each direction
 * @property {number} delayMs        one way
 */

/** Starts a proxy on a free loopback port. */
export async function startProxy(targetPort) {
  const counts = new Uint32Array(new SharedArrayBuffer(4 * Object.keys(COUNTERS).length));
  const worker = new Worker(new URL('./proxy-thread.mjs', import.meta.url), { workerData: { targetPort, counts } });
  const [port] = await once(worker, 'message');

  const read = () =>
    Object.fromEntries(Object.entries(COUNTERS).map(([name, index]) => [name, Atomics.load(counts, index)]));

  return {
    port,
    /** From now on all traffic shares this link; null: the loopback's own speed. @param {Link | null} link */
    shape: (link) => worker.postMessage({ link }),
    reset: () => counts.forEach((_, index) => Atomics.store(counts, index, 0)),
    /** The counters once nothing has passed for a moment: what a peer says after its work is done belongs to its cost. */
    async settle() {
      const deadline = performance.now() + SETTLE_LIMIT_MS;
      for (let before = read(); ;) {
        await sleep(QUIET_MS);
        const after = read();
        const quiet = Object.keys(COUNTERS).every((name) => after[name] === before[name]);
        if (quiet || performance.now() > deadline) return after;
        before = after;
      }
    },
    stop: () => worker.terminate(),
  };
}
