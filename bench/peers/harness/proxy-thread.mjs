import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { COUNTERS } from './proxy.mjs';

const { targetPort, counts } = workerData;
const PACKET_BYTES = 1_500;
const QUEUE_BYTES = 32_768; // per connection and direction, like a router's buffer; then the sender is held back
// What is sent in one piece arrives in one piece on the loopback, so a message's head is at the beginning of one.
const HTTP_HEAD = {
  up: /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \//,
  down: /^HTTP\/1\.1 /,
};
const END_OF_HEAD = '\r\n\r\n';

/**
 * One direction of a link shared by all connections: packets leave one after the other at the link's rate and arrive
 * after its delay. This is a token bucket whose depth is one packet.
 */
class Lane {
  #freeAt = 0;

  constructor({ bitsPerSecond, delayMs }) {
    this.bytesPerMs = bitsPerSecond / 8_000;
    this.delayMs = delayMs;
  }

  /** When a packet given to the lane now, or at `notBefore`, arrives at the other end (in performance.now()'s time). */
  arrival(bytes, notBefore) {
    this.#freeAt = Math.max(this.#freeAt, notBefore, performance.now()) + bytes / this.bytesPerMs;
    return this.#freeAt + this.delayMs;
  }
}

let lanes = null; // { up, down } while the link is shaped
parentPort.on('message', ({ link }) => {
  lanes = link && { up: new Lane(link), down: new Lane(link), roundTripMs: 2 * link.delayMs };
});

/** Copies one direction of a connection; `openAt` is when the connection's handshake would be over. */
function forward(source, target, direction, openAt) {
  let queued = 0;
  source.on('data', (chunk) => {
    Atomics.add(counts, COUNTERS[direction], chunk.length);
    if (HTTP_HEAD[direction].test(chunk.subarray(0, 16).toString('latin1'))) {
      if (direction === 'up') Atomics.add(counts, COUNTERS.requests, 1);
      const end = chunk.indexOf(END_OF_HEAD);
      Atomics.add(counts, COUNTERS[`${direction}Heads`], end < 0 ? chunk.length : end + END_OF_HEAD.length);
    }
    if (!lanes) {
      if (!target.write(chunk)) {
        source.pause();
        target.once('drain', () => source.resume());
      }
      return;
    }
    for (let start = 0; start < chunk.length; start += PACKET_BYTES) {
      const packet = chunk.subarray(start, start + PACKET_BYTES);
      queued += packet.length;
      setTimeout(() => {
        queued -= packet.length;
        if (!target.destroyed) target.write(packet);
        if (queued < QUEUE_BYTES) source.resume();
      }, lanes[direction].arrival(packet.length, openAt) - performance.now());
    }
    if (queued >= QUEUE_BYTES) source.pause();
  });
  source.on('end', () => whenEmpty(() => target.end()));
  source.on('close', () => whenEmpty(() => target.destroy()));
  source.on('error', () => {}); // 'close' follows

  function whenEmpty(action) {
    if (queued === 0) action();
    else setTimeout(() => whenEmpty(action), 10);
  }
}

const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (browser) => {
  const upstream = net.connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const openAt = lanes ? performance.now() + lanes.roundTripMs : 0;
  forward(browser, upstream, 'up', openAt);
  forward(upstream, browser, 'down', openAt);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
