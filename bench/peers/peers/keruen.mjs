// Keruen itself, seen from outside: a command starts its real server, which serves a bench page of its own.
// README.md describes the contract.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { withLimit } from '../harness/limit.mjs';

export const about = {
  title: 'Keruen',
  note: 'its own server with SQLite, synced before it answers; its own client on IndexedDB, edits synced to disk',
};

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;

export async function start(port, records, directory, { keruen, started }) {
  const dataset = path.join(directory, 'dataset.json');
  const data = path.join(directory, 'data');
  await mkdir(data, { recursive: true });
  await writeFile(dataset, JSON.stringify(records));

  const server = spawn(keruen.urlCommand, {
    shell: true,
    detached: true, // a process group of its own, so that the shell's children end with it
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_DATASET: dataset, BENCH_DATA_DIR: data, BENCH_PORT: String(port) },
  });
  started(server.pid);
  const exited = once(server, 'exit');
  const url = await withLimit(START_LIMIT_MS, 'starting Keruen', Promise.race([
    firstUrl(server.stdout),
    exited.then(([code]) => { throw new Error(`the command for Keruen ended (${code}) before it printed a URL`); }),
  ]));

  const ask = async (name, body) => {
    const response = await fetch(new URL(`${keruen.benchPath}/${name}`, url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`Keruen answered ${response.status} to ${keruen.benchPath}/${name}`);
    return response;
  };
  return {
    port: Number(new URL(url).port),
    benchPath: keruen.benchPath,
    async stop() {
      process.kill(-server.pid, 'SIGTERM');
      await withLimit(STOP_LIMIT_MS, 'stopping Keruen', exited).catch(() => process.kill(-server.pid, 'SIGKILL'));
    },
    changeOnServer: (changes) => ask('changes', changes),
    receivedEdits: async (edits) => (await (await ask('received', edits)).json()).received,
  };
}

/** The first http URL on the command's output, which is read to its end so that it never blocks the server. */
function firstUrl(output) {
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      const [url] = line.match(/http:\/\/[^\s"'<>]+/) ?? [];
      if (url) resolve(url);
    });
  });
}
