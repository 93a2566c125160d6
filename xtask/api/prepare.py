"""Fills a fresh server: somebody known who organises a programme, a group, invitations and shares.

Writes what is there into lists from which Schemathesis takes, and the known person's token. Every answer
must be a good one, or this fails.
"""

import json
import os
import pathlib
import secrets
import sys

import requests

URL = os.environ["KERUEN_API_URL"]
OPERATOR = os.environ["KERUEN_ORGANISER_TOKEN"]
FOLDER = pathlib.Path(sys.argv[1])
DEVICE = "9f86d081884c7d65"
DAY_MS = 24 * 60 * 60 * 1_000


def ask(path, question, token):
    headers = {"content-type": "application/json", "keruen-device": DEVICE, "keruen-protocol": "2"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    answer = requests.post(URL + path, data=json.dumps(question), headers=headers, timeout=20)
    answer.raise_for_status()
    return answer.json()


def records(token):
    """All records that can be read, page by page."""
    cursors, found = {}, []
    while True:
        request = {
            "changes": [],
            "cursors": list(cursors.values()),
            "page_records": 500,
            "takes_snapshots": False,
            "sums": [],
        }
        answer = ask("/api/v1/sync", request, token)
        for page in answer["pages"]:
            found += page["records"]
            cursors[str(page["scope"])] = {"scope": page["scope"], "cursor": page["cursor"]}
        if not answer["more"]:
            return found


def invite(programme, role, uses):
    question = {"programme": programme, "role": role, "valid_ms": DAY_MS, "max_uses": uses, "note": "a wall"}
    return ask("/api/v1/invitations/new", question, OPERATOR)["secret"]


def join(secret, name):
    token = secrets.token_urlsafe(32)
    card = {"name": name, "organisation": "", "region": "KZ-47", "language": "kk", "is_listed": True}
    question = {"secret": secret, "token": token, "label": "Schemathesis", "card": card}
    return token, ask("/api/v1/join", question, None)["person"]


def share(programme, shared, passphrase, token):
    question = {"programme": programme, "shared": shared, "valid_ms": None, "passphrase": passphrase, "note": ""}
    return ask("/api/v1/shares/new", question, token)["secret"]


def write(name, values):
    lines = [f'"{value}"' for value in values]
    (FOLDER / f"{name}.dict").write_text("\n".join(lines) + "\n")


def texts(record, field):
    for held in record["fields"]:
        if held["key"] == field:
            for version in held["versions"]:
                yield from version["value"].values()


def main():
    everything = records(OPERATOR)
    of = lambda collection: [record for record in everything if record["key"]["collection"] == collection]
    programmes = sorted({record["key"]["id"] for record in of("programme")})
    materials = of("material")
    programme = materials[0]["key"]["scope"]["Programme"]
    token, organiser = join(invite(programme, "Organiser", 1), "Айгерім")
    theirs, participant = join(invite(programme, "Participant", 1), "Данияр")
    group = ask("/api/v1/groups/new", {"programme": programme, "name": "A team", "people": [participant]}, token)
    here = lambda found: [record["key"]["id"] for record in found if record["key"]["scope"] == {"Programme": programme}]
    mine = here(materials)
    shares = [share(programme, thing, "", token) for thing in ("Materials", "Agenda", {"Material": mine[0]})]
    shares.append(share(programme, "Materials", "a long way", token))
    # Somebody's who is not asked as: who asks makes theirs anew.
    calendar = ask("/api/v1/calendar/new", None, theirs)["secret"]
    write("calendars", [calendar + ".ics"])
    write("programmes", programmes)
    write("persons", [organiser, participant])
    write("groups", [group])
    write("materials", mine)
    write("events", here(of("event")))
    write("files", {text for record in materials for text in texts(record, "file_sha256")})
    write("shares", shares)
    write("agendas", shares[1:2])
    write("invitations", [invite(programme, "Participant", 9_000)])
    (FOLDER / "token").write_text(token)


main()
