// Reads the exported calendars with ical.js, by the rules of the zones that stand in them, and compares the
// instants with those that read.py found by its own tables.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, modules] = process.argv.slice(2);
const path = createRequire(join(modules, "from.js")).resolve("ical.js");
const { default: ICAL } = await import(pathToFileURL(path));

let sessions = 0;
let problems = 0;
const files = readdirSync(folder).filter((name) => name.endsWith(".ics"));
for (const name of files) {
  const file = join(folder, name);
  const wanted = JSON.parse(readFileSync(file.replace(/ics$/, "instants"), "utf8"));
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  for (const component of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(component);
    const uid = event.uid.split("@")[0];
    const found = event.startDate.toUnixTime();
    sessions += 1;
    if (found !== wanted[uid]) {
      console.log(`${name}: ${uid} begins at ${found}, not at ${wanted[uid]}`);
      problems += 1;
    }
  }
}
console.log(`ical.js read ${files.length} calendars: ${sessions} sessions.`);
process.exit(problems > 0 || sessions === 0 ? 1 : 0);
