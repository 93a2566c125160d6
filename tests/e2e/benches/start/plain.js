// The work of a start in plain JavaScript: read all records from IndexedDB, keep them by their
// place, show one day of one event.

const PROGRAMME_SCOPE = 0;
const [EVENT, SESSION, PERSON] = [1, 2, 4];

/** Reads the binary form of records: varints, lengths before texts, no names of members. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.text = new TextDecoder();
    this.at = 0;
  }

  varint() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  number() {
    const coded = this.varint();
    return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
  }

  take(length) {
    const from = this.at;
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }

  string() {
    return this.text.decode(this.take(this.varint()));
  }

  id() {
    let digits = "";
    for (const byte of this.take(this.varint())) digits += HEX[byte];
    return digits;
  }

  stamp() {
    const at = this.at;
    this.at += 16;
    return { time: this.view.getBigUint64(at), device: this.view.getBigUint64(at + 8) };
  }

  value() {
    switch (this.varint()) {
      case 0: return null;
      case 1: return this.bytes[this.at++] === 1;
      case 2: return this.number();
      case 3: return this.string();
      default: return this.id();
    }
  }

  list(item) {
    const items = [];
    for (let left = this.varint(); left > 0; left--) items.push(item.call(this));
    return items;
  }

  version() {
    return { stamp: this.varint(), author: this.varint(), value: this.value() };
  }

  field() {
    return { key: this.string(), versions: this.list(this.version), seen: this.list(this.varint) };
  }

  record(scope, collection, id) {
    const stamps = this.list(this.stamp);
    const fields = {};
    for (const { key, versions, seen } of this.list(this.field)) fields[key] = { versions, seen };
    return { scope, collection, id, stamps, fields };
  }

  entry() {
    const collection = this.bytes[this.at++];
    let id = "";
    for (const byte of this.take(16)) id += HEX[byte];
    this.varint();
    return { collection, id };
  }

  page() {
    this.at = 1;
    const scope = { kind: this.varint(), id: this.id() };
    const directory = this.list(this.entry);
    return directory.map(({ collection, id }) => this.record(scope, collection, id));
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const done = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const open = () => {
  const request = indexedDB.open("plain", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("bytes");
    request.result.createObjectStore("json");
  };
  return done(request);
};

/** Puts the app's pages into this page's own database, as bytes and as JSON. */
const fill = async () => {
  const pages = await (await fetch("pages.json")).json();
  const database = await open();
  const transaction = database.transaction(["bytes", "json"], "readwrite");
  pages.forEach((digits, number) => {
    const bytes = Uint8Array.from(digits.match(/../g), pair => parseInt(pair, 16));
    const key = String(number).padStart(4, "0");
    const plainly = (_, value) => typeof value === "bigint" ? value.toString(16) : value;
    transaction.objectStore("bytes").put(bytes, key);
    transaction.objectStore("json").put(JSON.stringify(new Reader(bytes).page(), plainly), key);
  });
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = () => reject(transaction.error);
  });
  window.filled = true;
};

const element = (name, className, ...children) => {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
};

const show = async (form, eventId, day) => {
  const database = await open();
  const pages = await done(database.transaction(form).objectStore(form).getAll());
  const collections = new Map();
  for (const page of pages) {
    const records = form === "json" ? JSON.parse(page) : new Reader(page).page();
    for (const record of records) {
      if (record.scope.kind !== PROGRAMME_SCOPE) continue;
      if (!collections.has(record.collection)) collections.set(record.collection, new Map());
      collections.get(record.collection).set(record.id, record);
    }
  }
  const value = (record, name) => record.fields[name]?.versions[0]?.value;
  const members = (record, name) => Object.entries(record.fields)
    .filter(([key, field]) => key.startsWith(`${name}/`) && field.versions[0]?.value === true)
    .map(([key]) => key.slice(name.length + 1).replaceAll("-", ""));
  const event = collections.get(EVENT).get(eventId);
  const wall = (session, name) =>
    new Date(value(session, name) + value(session, "offset_minutes") * 60_000).toISOString();
  const sessions = [...collections.get(SESSION).values()]
    .filter(session => value(session, "event") === eventId && wall(session, "start").startsWith(day))
    .sort((one, other) => value(one, "start") - value(other, "start"));
  const people = collections.get(PERSON);
  const cards = sessions.map(session => {
    const speakers = members(session, "speakers").map(id => value(people.get(id), "name"));
    return element("article", "session-card",
      element("p", "", wall(session, "start").slice(11, 16), " ", wall(session, "end").slice(11, 16)),
      element("p", "", value(session, "kind")),
      element("h3", "", value(session, "title:en")),
      element("p", "", value(session, "room:en")),
      element("p", "", speakers.sort().join(", ")));
  });
  document.getElementById("day").append(element("h2", "", value(event, "title:en")), ...cards);
};

if (location.hash === "#fill") {
  await fill();
} else {
  const [, , eventId, day] = location.hash.slice(1).split("/");
  const form = new URLSearchParams(location.search).get("form");
  await show(form, eventId.replaceAll("-", ""), day);
}
