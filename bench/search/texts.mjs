// What is searched: many made-up texts for the speed, and the quality set for how much is found.

import { readFile } from 'node:fs/promises';
import { createRandom } from '../peers/harness/dataset/random.mjs';
import { LANGUAGES } from '../peers/harness/dataset/words.mjs';

const SEED = 20261123;
const BODY_CHARACTERS = 470;
const ROOT = new URL('../../', import.meta.url);
const QUALITY = new URL('search/tests/quality/', ROOT);
const PROGRAMMES = ['aktau-2016', 'creative-kazakhstan-2025', 'regional-meetings-2023'];

/** Texts of 500 characters with their titles. One word in ten is rare: made of two, so that there are as many as in real texts. */
export function createTexts(count) {
  const random = createRandom(SEED);
  return Array.from({ length: count }, (_, number) => {
    const { words, small } = LANGUAGES[random.pick(['kk', 'kk', 'ru', 'ru', 'en'])];
    const word = () => {
      const kind = random.next();
      if (kind < 0.2) return random.pickFrequent(small);
      if (kind < 0.3) return random.pick(words) + random.pick(words);
      return random.pickFrequent(words);
    };
    const title = Array.from({ length: random.integer(2, 4) }, word).join(' ');
    let body = word();
    while (body.length < BODY_CHARACTERS) body += `${random.next() < 0.1 ? ',' : ''} ${word()}`;
    return { id: `text-${number}`, title, names: '', tags: '', body };
  });
}

/** What is typed, key by key: one word or two of a text, every fourth time with a letter exchanged. */
export function createTyping(texts, count) {
  const random = createRandom(SEED + 1);
  return Array.from({ length: count }, (_, number) => {
    const words = random.pick(texts).body.replaceAll(',', '').split(' ');
    const start = random.integer(0, words.length - 3);
    let typed = words.slice(start, start + 1 + (number % 2)).join(' ');
    if (number % 4 === 3 && typed.length > 5) typed = typed.slice(0, 2) + typed[3] + typed[2] + typed.slice(4);
    return Array.from({ length: typed.length }, (_, length) => typed.slice(0, length + 1));
  });
}

/** The quality set, read as search/tests/quality/corpus.rs reads it. */
export async function readQuality() {
  const lines = (await readFile(new URL('notes.txt', QUALITY), 'utf8')).trimEnd().split('\n');
  const texts = [];
  for (let line = 0; line < lines.length; line += 2) {
    const [id, title, tags] = lines[line].split(' | ');
    texts.push({ id, title, names: '', tags, body: lines[line + 1] });
  }
  for (const programme of PROGRAMMES) {
    const folder = new URL(`samples/${programme}/`, ROOT);
    const file = JSON.parse(await readFile(new URL('programme.json', folder), 'utf8'));
    for (const item of [file.programme, ...file.events, ...file.people, ...file.materials, ...file.sessions]) {
      const bodies = Object.values(item.body_files ?? {}).map((name) => readFile(new URL(name, folder), 'utf8'));
      texts.push({
        id: item.id,
        title: `${said(item.title)} ${said(item.name)}`.trim(),
        names: [item.city, item.venue, item.organisation, item.post].map(said).join('\n'),
        tags: said(item.topic),
        body: [said(item.summary), said(item.aims), ...await Promise.all(bodies)].join('\n'),
      });
    }
  }
  const queries = (await readFile(new URL('queries.txt', QUALITY), 'utf8')).split('\n')
    .filter((line) => line.includes(' | '))
    .map((line) => line.split(' | '))
    .map(([query, keys]) => ({ query, keys: keys.split(' ') }));
  return { texts, queries };
}

/** In all languages. */
function said(value) {
  return typeof value === 'object' ? Object.values(value).join('\n') : value ?? '';
}
