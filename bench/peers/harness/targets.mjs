// What Keruen promises beside the others, and how far it is from that.

import { spread } from './report.mjs';

const LIMITS = ['raw-rows', 'raw-pages'];

/** @typedef {'best' | 'bare' | 'yjs' | null} Beside  the best product, the physical limit, Yjs, or nobody: a figure by itself */

const TARGETS = [
  ['first sync, ms', 'initial', 'best', 0.5],
  ['restart, ms', 'restart', 'best', 0.5],
  ['100 changes, ms', 'pull', 'best', 1],
  ['nothing new, ms', 'idle', 'best', 1],
  ['1,000 edits, ms (Keruen: on disk)', 'edit', 'yjs', 3],
  ['pushed, ms', 'push', 'best', 1],
  ['first sync, bytes down', 'initialDown', 'bare', 1.1],
  ['pushed, bytes up', 'pushUp', 'bare', 1.2],
  ['slow link, ms', 'slow', 'bare', 1.1],
  ['slow link until the first screen, ms', 'slowUseful', null, 3_000],
  ['page memory, bytes', 'memory', null, 15_000_000],
  ['nothing new, bytes up without HTTP heads', 'idleUpBodies', null, 300],
  ['nothing new, bytes down without HTTP heads', 'idleDownBodies', null, 300],
];

/** Keruen's figures against its targets; null when Keruen was not measured. @param {object[]} rows see report.mjs */
export function compare(rows) {
  const keruen = rows.find(({ name, samples }) => name === 'keruen' && samples.length);
  if (!keruen) return null;
  const lines = TARGETS.map(([what, figure, beside, atMost]) => {
    const own = spread(keruen.samples, figure)?.median;
    const other = beside && least(rows.filter(({ name }) => isBeside(beside, name)), figure);
    const measured = beside ? own / other?.median : own;
    return {
      what,
      own: own ?? null,
      beside: other && { peer: other.title, median: other.median },
      ratio: beside && Number.isFinite(measured) ? measured : null,
      atMost,
      isMet: Number.isFinite(measured) ? measured <= atMost : null,
    };
  });
  return { lines, markdown: asMarkdown(lines) };
}

function isBeside(beside, name) {
  if (beside === 'bare') return LIMITS.includes(name);
  if (beside === 'best') return name !== 'keruen' && !LIMITS.includes(name);
  return name === beside;
}

function least(rows, figure) {
  const medians = rows.map(({ title, samples }) => ({ title, median: spread(samples, figure)?.median }))
    .filter(({ median }) => median != null);
  return medians.sort((one, other) => one.median - other.median)[0] ?? null;
}

function asMarkdown(lines) {
  const number = (value) => (value == null ? '–' : Number(value.toPrecision(3)).toLocaleString('en'));
  const mark = { true: 'met', false: '**missed**', null: 'not measured' };
  return [
    '| Keruen | | beside | | ratio | at most | |',
    '| --- | ---: | --- | ---: | ---: | ---: | --- |',
    ...lines.map(({ what, own, beside, ratio, atMost, isMet }) => [
      what, number(own), beside?.peer ?? '', beside ? number(beside.median) : '', ratio == null ? '' : ratio.toFixed(2),
      number(atMost), mark[isMet],
    ]).map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
