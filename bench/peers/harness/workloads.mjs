// What is measured. Each function uses one peer with a fresh server and a fresh browser profile, and returns its figures.

import { setTimeout as sleep } from 'node:timers/promises';
import { applyChanges, createEdits, createServerChanges } from './dataset/dataset.mjs';
import { digest } from './dataset/digest.mjs';

const CHANGED_ON_SERVER = 100;
const EDITED_OFFLINE = 1_000;
const POLL_MS = 20;

/**
 * @typedef {object} Bench
 * @property {import('./dataset/dataset.mjs').Record[]} records
 * @property {object} server   the peer's server side
 * @property {object} proxy    see proxy.mjs
 * @property {() => Promise<object>} openPage  see browser.mjs
 */

/** The ordinary life of a replica. @param {Bench} bench */
export async function measureReplica({ records, server, proxy, openPage }) {
  const figures = {};
  const exchange = async (name, run) => {
    proxy.reset();
    figures[name] = await run();
    Object.assign(figures, prefixed(name, await proxy.settle()));
  };
  const reopen = async (page, expected) => {
    await page.close();
    const next = await openPage();
    const { elapsedMs } = await next.call('restart');
    await verify(next, expected);
    return { page: next, restartMs: elapsedMs };
  };

  let page = await openPage();
  figures.load = page.loadMs;
  await exchange('initial', async () => (await page.call('initial', records.length)).elapsedMs);

  ({ page, restartMs: figures.restart } = await reopen(page, records));
  figures.memory = await page.memoryBytes();

  const changes = createServerChanges(records, CHANGED_ON_SERVER);
  await server.changeOnServer(changes);
  await exchange('pull', async () => (await page.call('pull', changes)).elapsedMs);
  await exchange('idle', async () => (await page.call('pull', [])).elapsedMs);

  const pulled = applyChanges(records, changes);
  ({ page } = await reopen(page, pulled));
  const edits = createEdits(records, EDITED_OFFLINE);
  figures.edit = (await page.call('edit', edits)).elapsedMs;

  ({ page, restartMs: figures.restartEdited } = await reopen(page, applyChanges(pulled, edits)));
  await exchange('push', async () => {
    const { startedAt } = await page.call('push');
    return (await whenReceived(server, edits)) - startedAt;
  });
  await page.close();
  return figures;
}

/** The first sync over a slow link; the page itself is loaded beforehand. @param {Bench & {link: object}} bench */
export async function measureSlowLink({ records, proxy, openPage, link }) {
  const page = await openPage();
  proxy.reset();
  proxy.shape(link);
  const { elapsedMs, result } = await page.call('initial', records.length);
  proxy.shape(null);
  const traffic = prefixed('slow', await proxy.settle());
  await page.close();
  const next = await openPage();
  await next.call('restart');
  await verify(next, records);
  return { slow: elapsedMs, slowUseful: result?.usefulMs, ...traffic };
}

/** When the server was seen to hold all edits, in ms since 1970: the beginning of the look that found them. */
async function whenReceived(server, edits) {
  for (;;) {
    const lookedAt = performance.timeOrigin + performance.now();
    if ((await server.receivedEdits(edits)) === edits.length) return lookedAt;
    await sleep(POLL_MS);
  }
}

async function verify(page, expected) {
  const found = (await page.call('digest')).result;
  const wanted = digest(expected);
  if (found.records !== wanted.records || found.checksum !== wanted.checksum) {
    throw new Error(`the page holds other values than it should: ${JSON.stringify({ found, wanted })}`);
  }
}

function prefixed(name, { up, down, requests, upHeads, downHeads }) {
  return {
    [`${name}Up`]: up,
    [`${name}Down`]: down,
    [`${name}Requests`]: requests,
    [`${name}UpBodies`]: up - upHeads,
    [`${name}DownBodies`]: down - downHeads,
  };
}
