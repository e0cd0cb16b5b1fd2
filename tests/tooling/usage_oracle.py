"""Usage, failure and charge queries of docs/queries/contacts against plain Python over the raw tables.

    pip install duckdb        (only to read the sample's Parquet files)
    python tests/tooling/usage_oracle.py [path of the cdrql binary]

Counts the sample's sessions, messages, minutes, sign-ins, meetings and failures by week of Berlin,
and rates every outgoing call with Decimal, with neither views nor functions of this project, and
compares every number. Exits with 1 when any differs.
"""

import csv
import io
import math
import subprocess
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

ROOT = Path(__file__).resolve().parents[2]
BERLIN = ZoneInfo("Europe/Berlin")
RANGE = ["from=2014-02-03", "to=2014-04-04"]


def table(name):
    files = ROOT / "sample-data" / "LcsCDR" / "dbo" / name / "*.parquet"
    cursor = duckdb.execute(f"SELECT * FROM read_parquet('{files}')")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def ours(cdrql, query, params, before=()):
    command = [cdrql, "run", "--format", "csv"]
    for statement in before:
        command += ["-c", statement]
    command.append(str(ROOT / "docs/queries/contacts" / query))
    for param in params:
        command += ["--param", param]
    text = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    lines = [line for line in text.splitlines() if line and not line.startswith("CREATE")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def week(at):
    """The Monday of a UTC time's week in Berlin, as UTC."""
    local = at.replace(tzinfo=timezone.utc).astimezone(BERLIN)
    monday = (local - timedelta(days=local.weekday())).date()
    start = datetime(monday.year, monday.month, monday.day, tzinfo=BERLIN)
    return start.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.000")


def lasted(session):
    if not 200 <= session["ResponseCode"] < 300:
        return 0
    return round((session["SessionEndTime"] - session["ResponseTime"]).total_seconds())


class Check:
    def __init__(self):
        self.values = self.differences = 0

    def same(self, where, found, wanted):
        self.values += 1
        if found == "" or wanted is None:
            equal = found == "" and wanted is None
        else:
            equal = math.isclose(float(found), float(wanted), abs_tol=1e-9)
        if not equal:
            self.differences += 1
            print(f"{where}: {found} instead of {wanted}")

    def rows(self, query, rows, wanted, key):
        self.same(f"{query}: rows", len(rows), len(wanted))
        for row in rows:
            name = tuple(row[k] for k in key)
            for column, value in wanted.get(name, {}).items():
                self.same(f"{query} {name} {column}", row[column], value)


def sessions_by_week(sessions):
    weeks = defaultdict(lambda: defaultdict(int))
    for s in sessions:
        media, to = s["MediaTypes"], weeks[(week(s["SessionIdTime"]),)]
        to["sessions"] += 1
        to["im_sessions"] += media & 1 > 0
        to["im_messages"] += (s["User1MessageCount"] or 0) + (s["User2MessageCount"] or 0)
        to["audio_sessions"] += media & 48 > 0
        to["audio_minutes"] += lasted(s) if media & 48 else 0
        to["video_sessions"] += media & 32 > 0
        to["video_minutes"] += lasted(s) if media & 32 else 0
        to["file_transfers"] += media & 2 > 0
        to["app_sharing_sessions"] += media & 8 > 0
    for to in weeks.values():
        for column in ("audio_minutes", "video_minutes"):
            to[column] = Decimal(to[column] / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return weeks


def registrations_by_week(rows, users):
    weeks, people = defaultdict(lambda: defaultdict(int)), defaultdict(set)
    for r in rows:
        if 200 <= (r["ResponseCode"] or 0) < 300:
            key = (week(r["SessionIdTime"]),)
            weeks[key]["sign_ins"] += 1
            weeks[key]["inside"] += r["IsInternal"] is True
            weeks[key]["outside"] += r["IsInternal"] is False
            people[key].add(users[r["UserId"]])
    for key, found in people.items():
        weeks[key]["users"] = len(found)
    return weeks


def conferences_by_week(users):
    joined, messages = defaultdict(set), defaultdict(int)
    for j in table("FocusJoinsAndLeaves"):
        joined[j["SessionIdTime"], j["SessionIdSeq"]].add(j["UserId"])
    for m in table("ConferenceMessageCount"):
        messages[m["SessionIdTime"], m["SessionIdSeq"]] += m["MessageCount"]
    weeks, organizers = defaultdict(lambda: defaultdict(int)), defaultdict(set)
    for c in table("Conferences"):
        if c["Flag"] & 1:
            continue
        key, meeting = (week(c["ConferenceStartTime"]),), (c["SessionIdTime"], c["SessionIdSeq"])
        weeks[key]["conferences"] += 1
        weeks[key]["participants"] += len(joined[meeting])
        weeks[key]["messages"] += messages[meeting]
        organizers[key].add(users[c["OrganizerId"]])
    for key, found in organizers.items():
        weeks[key]["organizers"] = len(found)
    return weeks


def failures(sessions):
    masks = {"all": ~0, "im": 1, "audio": 48, "video": 32, "app sharing": 8, "file transfer": 2}
    wanted = {}
    for name, mask in masks.items():
        codes = [s["ResponseCode"] for s in sessions if name == "all" or s["MediaTypes"] & mask]
        succeeded = sum(200 <= code < 300 for code in codes)
        expected = sum(code in (404, 480, 484, 486, 487, 600, 603) for code in codes)
        wanted[(name,)] = {
            "sessions": len(codes), "succeeded": succeeded, "expected_failures": expected,
            "unexpected_failures": len(codes) - succeeded - expected,
        }
    return wanted


def charges(sessions, users):
    """Every outgoing call rated with Decimal and laid to the cost centre of its caller then."""
    phones = {p["PhoneId"]: p["PhoneUri"] for p in table("Phones")}
    voip = {(v["SessionIdTime"], v["SessionIdSeq"]): v for v in table("VoipDetails")}
    rates = {r["prefix"]: r for r in csv.DictReader((ROOT / "sample-data/tariff.csv").open())}
    directory = list(csv.DictReader((ROOT / "sample-data/directory.csv").open()))
    wanted = defaultdict(lambda: {"charge": Decimal(0), "calls": 0, "billed_seconds": 0, "unrated": 0})
    for s in sessions:
        way = voip.get((s["SessionIdTime"], s["SessionIdSeq"]))
        if way is None or way["ToGatewayId"] is None:
            continue
        number, seconds = phones[way["ConnectedNumberId"]], lasted(s)
        bearer = users[s["ReferredById"] or s["OnBehalfOfId"] or s["SessionStartedById"]]
        day = s["SessionIdTime"].replace(tzinfo=timezone.utc).astimezone(BERLIN).date().isoformat()
        centre = "(not in the directory)"
        for entry in directory:
            if entry["uri"] == bearer and entry["valid_from"] <= day and day < (entry["valid_to"] or "9"):
                centre = entry["cost_centre"]
        rate = max((r for p, r in rates.items() if number.startswith(p)), key=lambda r: len(r["prefix"]),
                   default=None)
        to = wanted[(centre, rate["currency"] if rate else "")]
        to["calls"] += 1
        if rate is None:
            to["unrated"] += 1
            continue
        first, step = int(rate["first_increment"]), int(rate["increment"])
        billed = 0 if seconds == 0 else first + -(-max(seconds - first, 0) // step) * step
        charge = Decimal(rate["rate_per_unit"]) * billed / 60
        to["billed_seconds"] += billed
        to["charge"] += charge.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    for to in wanted.values():
        if to["unrated"] == to["calls"]:
            to["charge"] = to["billed_seconds"] = None
    return wanted


def main():
    cdrql = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/cdrql")
    check = Check()
    users = {u["UserId"]: u["UserUri"].lower().split(";")[0] for u in table("Users")}
    sessions = table("SessionDetails")
    weekly = [*RANGE, "unit=week", "tz=Europe/Berlin"]
    for query, wanted in [
        ("usage_sessions.sql", sessions_by_week(sessions)),
        ("usage_registrations.sql", registrations_by_week(table("Registration"), users)),
        ("usage_conferences.sql", conferences_by_week(users)),
    ]:
        check.rows(query, ours(cdrql, query, weekly), wanted, ["period"])
    check.rows("failure_summary.sql", ours(cdrql, "failure_summary.sql", RANGE), failures(sessions),
               ["modality"])
    files = [
        f"CREATE EXTERNAL TABLE {name} STORED AS CSV LOCATION 'sample-data/{name}.csv'"
        " OPTIONS ('format.has_header' 'true')" for name in ("tariff", "directory")
    ]
    charged = ours(cdrql, "cross_charge.sql", ["person=%", "tz=Europe/Berlin"], files)
    check.rows("cross_charge.sql", charged, charges(sessions, users), ["cost_centre", "currency"])
    print(f"{check.values} values, {check.differences} differences")
    sys.exit(check.differences > 0)


if __name__ == "__main__":
    main()
