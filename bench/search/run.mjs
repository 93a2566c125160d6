// Starts a browser, has each engine measured in the same page, and writes a table. `--help` lists the options.

import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import { createTexts, createTyping, readQuality } from './texts.mjs';

const ENGINES = ['keruen', 'minisearch', 'flexsearch'];
/** These forgive slips as well; the others are quicker because they look for less. */
const COMPARABLE = ['minisearch'];
const HELP = `Options:
  --chromium PATH   the browser (default: chromium)
  --count N         texts of 500 characters (default: 10000)
  --typed N         queries, typed key by key (default: 150)
  --slow N          slow the processor down N times (default: 1)
  --json FILE       also write all figures there`;
/** The command fails above these. */
const LIMITS = { keyP95Ms: 16, openMs: 150, share: 0.6, editP95Ms: 5 };

const { values: options } = parseArgs({
  options: {
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    count: { type: 'string', default: '10000' },
    typed: { type: 'string', default: '150' },
    slow: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}

const here = (name) => new URL(name, import.meta.url);
const built = (name) => join(process.env.KERUEN_BENCH_PAGE, name);
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.mjs"></script>';
const JAVASCRIPT = 'text/javascript';
const files = {
  '/': ['text/html', PAGE],
  '/page.mjs': [JAVASCRIPT, await readFile(here('page.mjs'))],
  '/engines.mjs': [JAVASCRIPT, await readFile(here('engines.mjs'))],
  '/minisearch.mjs': [JAVASCRIPT, await readFile(here('node_modules/minisearch/dist/es/index.js'))],
  '/flexsearch.mjs': [JAVASCRIPT, await readFile(here('node_modules/flexsearch/dist/flexsearch.bundle.module.min.mjs'))],
  '/search_page.js': [JAVASCRIPT, await readFile(built('search_page.js'))],
  '/search_page_bg.wasm': ['application/wasm', await readFile(built('search_page_bg.wasm'))],
};
const server = http.createServer((request, response) => {
  const [type, content] = files[request.url] ?? [];
  if (!type) return response.writeHead(404).end();
  // Isolated pages are given a finer clock.
  return response.writeHead(200, {
    'Content-Type': type,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  }).end(content);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const texts = createTexts(Number(options.count));
const input = { texts, typing: createTyping(texts, Number(options.typed)), quality: await readQuality() };
const textBytes = texts.reduce((sum, { title, body }) => sum + Buffer.byteLength(`${title}\n${body}`), 0);

const profile = await mkdtemp(join(tmpdir(), 'keruen-search-'));
const browser = await puppeteer.launch({
  executablePath: options.chromium,
  headless: true,
  pipe: true,
  userDataDir: profile,
  protocolTimeout: 900_000,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});
const results = {};
try {
  for (const name of ENGINES) {
    process.stderr.write(`${name}\n`);
    // A page of its own for each, of the same browser: one's garbage is not another's pause.
    const page = await browser.newPage();
    await page.emulateCPUThrottling(Number(options.slow));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => globalThis.measure !== undefined);
    results[name] = await page.evaluate((engine, given) => globalThis.measure(engine, given), name, input);
    await page.close();
  }
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  server.close();
}

const rank = (figures, share) => figures.toSorted((one, other) => one - other)[Math.floor(figures.length * share)];
const rows = Object.entries(results).map(([name, result]) => ({
  name,
  keyP50Ms: rank(result.keyMs, 0.5),
  keyP95Ms: rank(result.keyMs, 0.95),
  keyMostMs: rank(result.keyMs, 0.9999),
  openMs: result.openMs,
  share: result.indexBytes / textBytes,
  editP95Ms: rank(result.editMs, 0.95),
  fillMs: result.fillMs,
  recall: result.recall,
  first: result.first,
}));
const number = (value, digits) => value.toFixed(digits);
console.log(`${texts.length} texts, ${number(textBytes / 1e6, 1)} MB; ${input.typing.flat().length} keys; ${input.quality.queries.length} queries of the quality set\n`);
console.log('| | key p50, ms | key p95, ms | most, ms | open and first search, ms | index ÷ text | edit p95, ms | all indexed, ms | recall@10 | first |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const row of rows) {
  const figures = [
    number(row.keyP50Ms, 2), number(row.keyP95Ms, 2), number(row.keyMostMs, 1), number(row.openMs, 1), number(row.share, 2),
    number(row.editP95Ms, 2), number(row.fillMs, 0), number(row.recall, 3), number(row.first, 3),
  ];
  console.log(`| ${row.name} | ${figures.join(' | ')} |`);
}
if (options.json) await writeFile(options.json, JSON.stringify({ textBytes, results }, null, 1));

const [keruen, ...others] = rows;
const missed = Object.entries(LIMITS).filter(([figure, limit]) => keruen[figure] > limit).map(([figure]) => figure);
for (const other of others) {
  if (COMPARABLE.includes(other.name) && keruen.keyP95Ms > other.keyP95Ms) missed.push(`keyP95Ms beside ${other.name}`);
  if (keruen.recall <= other.recall) missed.push(`recall beside ${other.name}`);
}
if (missed.length > 0) {
  console.log(`\nMissed: ${missed.join(', ')}`);
  process.exitCode = 1;
}
