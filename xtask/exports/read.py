"""Reads what Keruen exported, with libraries that have nothing to do with it.

Called with a folder of exports and perhaps one with the schemas of frab schedules. Each agenda is there in every
format under one name; all of them must name the same sessions at the same instants.
"""

import csv
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import icalendar
import jsonschema
from lxml import etree

PROBLEMS = []


def problem(file, text):
    PROBLEMS.append(f"{file.name}: {text}")


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def read_calendar(file):
    """The sessions of a calendar: begin and end by identifier."""
    text = file.read_bytes()
    for line in text.split(b"\r\n"):
        if len(line) > 75:
            problem(file, f"a line of {len(line)} bytes")
    calendar = icalendar.Calendar.from_ical(text)
    sessions = {}
    for event in calendar.walk("VEVENT"):
        if event.errors:
            problem(file, f"{event.get('UID')}: {event.errors}")
        for name in ["UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE"]:
            if name not in event:
                problem(file, f"{event.get('UID')} has no {name}")
        start = event.decoded("DTSTART")
        end = event.decoded("DTEND") if "DTEND" in event else start
        uid = str(event["UID"]).split("@")[0]
        sessions[uid] = (start.astimezone(timezone.utc), end.astimezone(timezone.utc))
    return sessions


def duration(text):
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def read_xml(file, schema):
    document = etree.parse(file)
    if schema is not None and not schema.validate(document):
        problem(file, "; ".join(str(error) for error in schema.error_log))
    sessions = {}
    for event in document.iter("event"):
        start = instant(event.findtext("date"))
        sessions[event.get("guid")] = (start, start + duration(event.findtext("duration")))
        if event.findtext("date")[11:16] != event.findtext("start"):
            problem(file, f"{event.get('guid')}: date and start differ")
    for day in document.iter("day"):
        begin, end = instant(day.get("start")), instant(day.get("end"))
        for event in day.iter("event"):
            if not begin <= sessions[event.get("guid")][0] <= end:
                problem(file, f"{event.get('guid')} is not of its day")
    return sessions


def read_json(file, schema):
    document = json.loads(file.read_text("utf-8"))
    if schema is not None:
        for error in schema.iter_errors(document):
            problem(file, f"{list(error.absolute_path)}: {error.message}")
    sessions = {}
    for day in document["schedule"]["conference"]["days"]:
        for events in day["rooms"].values():
            for event in events:
                start = instant(event["date"])
                sessions[event["guid"]] = (start, start + duration(event["duration"]))
    return sessions


def read_table(file):
    """The identifiers of a table's sessions."""
    text = file.read_bytes()
    if not text.startswith(b"\xef\xbb\xbf"):
        problem(file, "there is no byte order mark")
    with open(file, encoding="utf-8-sig", newline="") as lines:
        headings, *rows = list(csv.reader(lines, delimiter=";", strict=True))
    for row in rows:
        if len(row) != len(headings):
            problem(file, f"{len(row)} cells under {len(headings)} headings")
        for cell in row:
            if cell.lstrip().startswith(("=", "+", "-", "@")):
                problem(file, f"{cell[:40]!r} would be calculated")
    return [row[headings.index("ID")].split("@")[0] for row in rows]


def main(folder, schemas):
    xml_schema = json_schema = None
    if schemas:
        xml_schema = etree.XMLSchema(etree.parse(schemas / "schedule.xml.xsd"))
        content = json.loads((schemas / "frab-schema.json").read_text("utf-8"))
        validator = jsonschema.validators.validator_for(content)
        json_schema = validator(content, format_checker=validator.FORMAT_CHECKER)
    calendars = sorted(folder.glob("*.ics"))
    count = 0
    for file in calendars:
        sessions = read_calendar(file)
        count += len(sessions)
        summary = {uid: start.timestamp() for uid, (start, _) in sessions.items()}
        file.with_suffix(".instants").write_text(json.dumps(summary), "utf-8")
        xml = read_xml(file.with_suffix(".xml"), xml_schema)
        if xml != sessions:
            problem(file, "calendar and XML differ")
        if read_json(file.with_suffix(".json"), json_schema) != sessions:
            problem(file, "calendar and JSON differ")
        if sorted(read_table(file.with_suffix(".csv"))) != sorted(sessions):
            problem(file, "calendar and table differ")
    print(f"icalendar, lxml, jsonschema and csv read {len(calendars)} agendas in four formats: {count} sessions.")
    if not calendars or not count:
        PROBLEMS.append("there was nothing to read")


main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
for text in PROBLEMS:
    print(text)
sys.exit(1 if PROBLEMS else 0)
