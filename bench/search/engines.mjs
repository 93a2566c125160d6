// The engines, each set up as its documentation proposes for search as one types, and made to do the same.
//
// fill(texts), edit(text), save() → what is kept, bytesOf(kept), open(kept), find(query) → identifiers.

import FlexSearch from '/flexsearch.mjs';
import MiniSearch from '/minisearch.mjs';
import start, { Subject } from '/search_page.js';

const LIMIT = 10;
const FIELDS = ['title', 'names', 'tags', 'body'];
const utf8 = new TextEncoder();

export async function createEngines() {
  await start();
  return { keruen, minisearch, flexsearch };
}

function keruen() {
  let subject = new Subject();
  const put = ({ id, title, names, tags, body }) => subject.put(id, title, names, tags, body);
  return {
    fill: (texts) => texts.forEach(put),
    edit: (text) => {
      put(text);
      return subject.seal_changes();
    },
    save: () => subject.seal(),
    bytesOf: (kept) => kept.length,
    open: (kept) => { subject = Subject.open(kept); },
    find: (query) => subject.search(query, LIMIT).split('\n'),
  };
}

function minisearch() {
  const options = { fields: FIELDS };
  let index = new MiniSearch(options);
  const asTyped = (query) => {
    const last = query.split(/[\n\r\p{Z}\p{P}]+/u).length - 1;
    return {
      boost: { title: 3, names: 2, tags: 2 },
      prefix: (_, position) => position === last,
      fuzzy: (term) => (term.length >= 5 ? 1 : false),
    };
  };
  return {
    fill: (texts) => index.addAll(texts),
    edit: (text) => index.replace(text), // nothing that can be kept without the rest
    save: () => JSON.stringify(index),
    bytesOf: (kept) => utf8.encode(kept).length,
    open: (kept) => { index = MiniSearch.loadJSON(kept, options); },
    find: (query) => {
      const typed = asTyped(query);
      const all = index.search(query, { ...typed, combineWith: 'AND' });
      const found = all.length > 0 ? all : index.search(query, { ...typed, combineWith: 'OR' });
      return found.slice(0, LIMIT).map(({ id }) => id);
    },
  };
}

function flexsearch() {
  const create = () => new FlexSearch.Index({ tokenize: 'forward', encoder: FlexSearch.Charset.Normalize });
  const whole = (text) => FIELDS.map((field) => text[field]).join('\n');
  let index = create();
  return {
    fill: (texts) => texts.forEach((text) => index.add(text.id, whole(text))),
    edit: (text) => index.update(text.id, whole(text)),
    save: async () => {
      const kept = [];
      await index.export((key, data) => { if (data !== undefined) kept.push([key, data]); });
      return kept;
    },
    bytesOf: (kept) => kept.reduce((sum, [, data]) => sum + utf8.encode(data).length, 0),
    open: (kept) => {
      index = create();
      for (const [key, data] of kept) index.import(key, data);
    },
    find: (query) => index.search(query, { limit: LIMIT, suggest: true }),
  };
}
