// Measures peers side by side. `node run.mjs --help` lists the options; README.md explains the figures.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { bundlePage } from './harness/bundle.mjs';
import { createRecords } from './harness/dataset/dataset.mjs';
import { runJob } from './harness/jobs.mjs';
import { readOptions, usage } from './harness/options.mjs';
import { markdown, summarize } from './harness/report.mjs';
import { compare } from './harness/targets.mjs';

const SLOW_LINK = { bitsPerSecond: 150_000, delayMs: 400 };

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    console.log(usage());
    return true;
  }

  const workplace = await mkdtemp(path.join(os.tmpdir(), 'keruen-peers-bundles-'));
  try {
    const rows = [];
    for (const name of options.peers) rows.push(...await prepare(name, options, workplace));
    await measureAll(rows, options);

    const settings = { records: options.records, slowRecords: options.slowRecords };
    const dataset = describe(createRecords(options.records));
    console.log(`Data set: ${dataset.records} records, ${dataset.bytesPerRecord} bytes of JSON each; ` +
      `gzip ${dataset.gzipRatio} : 1, brotli ${dataset.brotliRatio} : 1.\n`);
    console.log(markdown(rows, settings));
    const targets = compare(rows);
    if (targets) console.log(`\n${targets.markdown}`);
    if (options.json) {
      const peers = rows.map(({ title, note, samples, errors }) =>
        ({ title, note, errors, samples, figures: summarize(samples) }));
      await writeFile(options.json, `${JSON.stringify({ settings, slowLink: SLOW_LINK, dataset, peers, targets: targets?.lines }, null, 2)}\n`);
    }
    return !targets?.lines.some(({ isMet }) => isMet === false);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

/** A peer's columns in the table: two for one that uses WebSockets, without and with compression. */
async function prepare(name, options, workplace) {
  const file = new URL(`./peers/${name}.mjs`, import.meta.url);
  const row = { name, title: name, note: '', samples: [], errors: [], compression: false };
  try {
    if (name === 'keruen' && !options.keruen.urlCommand) throw new Error('--keruen-url-cmd is not given');
    const { about } = await import(file);
    const page = about.browserSide && await bundlePage(fileURLToPath(new URL(about.browserSide, file)));
    const bundle = page && path.join(workplace, `${name}.js`);
    if (page) await writeFile(bundle, page.script);
    return (about.webSocket ? options.deflate : [false]).map((compression) => ({
      ...row,
      title: compression ? `${about.title} + deflate` : about.title,
      note: about.note,
      compression,
      samples: [],
      errors: [],
      bundleBytes: page?.brotliBytes,
      job: { peer: file.href, bundle, compression },
    }));
  } catch (error) {
    return [{ ...row, errors: [error.message] }];
  }
}

/** Round by round over all peers, so that a change in the machine's load meets them all alike. */
async function measureAll(rows, options) {
  const slowRounds = options.slowRecords > 0 ? options.slowRounds : 0;
  for (let round = 0; round < Math.max(options.rounds, slowRounds); round += 1) {
    for (const row of rows.filter(({ job }) => job)) {
      if (round < options.rounds) await measure(row, options, { workload: 'replica', records: options.records }, round);
      if (round < slowRounds) await measure(row, options, { workload: 'slow-link', records: options.slowRecords }, round);
    }
  }
}

async function measure(row, { chromium, limitMs, keruen }, work, round) {
  const start = performance.now();
  const { figures, error } = await runJob({ ...row.job, ...work, chromium, limitMs, keruen, link: SLOW_LINK });
  const outcome = error ? `failed: ${error}` : 'done';
  console.error(`${row.title}, ${work.workload}, round ${round + 1}: ${outcome} (${((performance.now() - start) / 1000).toFixed()} s)`);
  if (figures) row.samples.push({ bundle: row.bundleBytes, ...figures });
  else row.errors.push(`${work.workload}: ${error}`);
}

function describe(records) {
  const json = Buffer.from(JSON.stringify(records));
  const ratio = (compressed) => Number((json.length / compressed.length).toFixed(2));
  return {
    records: records.length,
    bytesPerRecord: Math.round(json.length / records.length),
    gzipRatio: ratio(gzipSync(json)),
    brotliRatio: ratio(brotliCompressSync(json)),
  };
}

main().then((areTargetsMet) => process.exit(areTargetsMet ? 0 : 1), (error) => {
  console.error(error.message);
  process.exit(1);
});
