// The figures of all peers as one Markdown table: medians, and in parentheses the least and the greatest value.

const ms = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));
const seconds = (value) => (value / 1_000).toFixed(1);
const kilobytes = (value) => (value < 10_000 ? (value / 1_000).toFixed(1) : Math.round(value / 1_000).toLocaleString('en'));
const megabytes = (value) => (value / 1_000_000).toFixed(1);
const count = (value) => String(value);

const exchange = (name, label) => [
  [`${name}`, `${label}, ms`, ms],
  [`${name}Up`, '– kB up', kilobytes],
  [`${name}Down`, '– kB down', kilobytes],
  [`${name}Requests`, '– HTTP requests', count],
];

const METRICS = ({ records, slowRecords }) => [
  ['bundle', 'script, brotli kB', kilobytes],
  ['load', 'page load until the script is ready, ms', ms],
  ...exchange('initial', `**first sync** of ${records.toLocaleString('en')} records until stored`),
  ['restart', '**restart**: all values readable, ms', ms],
  ['memory', '– page memory, MB', megabytes],
  ...exchange('pull', '**100 changes** of the server arrive'),
  ...exchange('idle', '**nothing new**'),
  ['idleUpBodies', '– bytes up without HTTP heads', count],
  ['idleDownBodies', '– bytes down without HTTP heads', count],
  ['edit', '**1,000 edits** offline until stored, ms', ms],
  ['restartEdited', '– restart with them, ms', ms],
  ...exchange('push', '– pushed until the server has them'),
  ['slow', `**slow link**: first sync of ${slowRecords.toLocaleString('en')} records, s`, seconds],
  ['slowUseful', '– the first screen readable, s', seconds],
  ['slowUp', '– kB up', kilobytes],
  ['slowDown', '– kB down', kilobytes],
  ['slowRequests', '– HTTP requests', count],
];

/**
 * @typedef {object} Row
 * @property {string} title
 * @property {string} note
 * @property {object[]} samples  one object of figures per round
 * @property {string[]} errors
 */

/** @param {Row[]} rows */
export function markdown(rows, settings) {
  const measured = rows.filter(({ samples }) => samples.length);
  const metrics = METRICS(settings).filter(([key]) => measured.some(({ samples }) => spread(samples, key)));
  const table = measured.length ? [
    ['', ...measured.map(({ title }) => title)],
    ['---', ...measured.map(() => '---:')],
    ...metrics.map(([key, label, format]) => [label, ...measured.map((row) => cell(row, key, format))]),
  ].map((cells) => `| ${cells.join(' | ')} |`) : [];

  const errors = rows.flatMap(({ title, errors: all }) =>
    [...new Set(all)].map((error) => `- ${title}: not measured: ${error}`));
  return [
    ...table,
    '',
    'A figure is the median of the rounds (least–greatest). Bytes are TCP payload. What each peer is:',
    '',
    ...notes(measured),
    ...(errors.length ? ['', ...errors] : []),
  ].join('\n');
}

export function summarize(samples) {
  const keys = new Set(samples.flatMap(Object.keys));
  return Object.fromEntries([...keys].map((key) => [key, spread(samples, key)]));
}

/** The median, the least and the greatest of a figure; null where it was not measured. */
export function spread(samples, key) {
  const values = samples.map((sample) => sample[key]).filter((value) => value != null).sort((a, b) => a - b);
  if (values.length === 0) return null;
  const last = values.length - 1;
  const median = (values[Math.floor(last / 2)] + values[Math.ceil(last / 2)]) / 2;
  return { median, least: values[0], greatest: values.at(-1), values };
}

function cell({ samples }, key, format) {
  const figures = spread(samples, key);
  if (!figures) return '–';
  const [median, least, greatest] = [figures.median, figures.least, figures.greatest].map(format);
  return least === greatest ? median : `${median} (${least}–${greatest})`;
}

/** One line per peer; variants of one peer share it. */
function notes(rows) {
  const byNote = new Map();
  for (const { title, note } of rows) byNote.set(note, [...(byNote.get(note) ?? []), title]);
  return [...byNote].map(([note, titles]) => `- ${titles.join(', ')}: ${note}`);
}
