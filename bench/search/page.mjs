// Runs in the page: every engine one after another, on the same texts and queries.

import { createEngines } from '/engines.mjs';

const EDITS = 50;

globalThis.measure = async (name, { texts, typing, quality }) => {
  const create = (await createEngines())[name];
  const engine = create();
  const fillMs = await timed(() => engine.fill(texts));
  const kept = await engine.save();
  const indexBytes = engine.bytesOf(kept);

  const opened = create();
  const firstQuery = typing[0].at(-1);
  const openMs = await timed(async () => {
    await opened.open(kept);
    opened.find(firstQuery);
  });

  const keyMs = [];
  for (const keys of typing) {
    for (const typed of keys) keyMs.push(await timed(() => opened.find(typed)));
  }

  const editMs = [];
  for (let number = 0; number < EDITS; number += 1) {
    const text = texts[number * Math.floor(texts.length / EDITS)];
    const edited = { ...text, body: `${text.body} ${number}` };
    editMs.push(await timed(() => opened.edit(edited)));
  }

  const judged = create();
  await judged.fill(quality.texts);
  let recall = 0;
  let first = 0;
  for (const { query, keys } of quality.queries) {
    const found = judged.find(query).slice(0, 10);
    recall += keys.filter((key) => found.includes(key)).length / keys.length;
    first += keys.includes(found[0]);
  }
  return {
    fillMs, indexBytes, openMs, keyMs, editMs,
    recall: recall / quality.queries.length,
    first: first / quality.queries.length,
  };
};

async function timed(work) {
  const start = performance.now();
  const pending = work();
  if (pending instanceof Promise) await pending;
  return performance.now() - start;
}
