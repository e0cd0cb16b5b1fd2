"""Usage, failure and charge queries of docs/queries/contacts against plain Python over the raw tables.

    pip install duckdb        (only to read the sample's Parquet files)
    python tests/tooling/usage_oracle.py [path of the cdrql binary]

Counts the sample's sessions, messages, minutes, sign-ins, meetings and failures by week of Berlin,
and by whatever else the reports ask for, and rates every outgoing call with Decimal, with neither
views nor functions of this project, and compares every number. Exits with 1 when any differs.
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
# Response codes of what people do.
EXPECTED = (404, 480, 484, 486, 487, 600, 603)
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
    # Halves up, as SQL has it.
    return math.floor((session["SessionEndTime"] - session["ResponseTime"]).total_seconds() + 0.5)


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
            self.same(f"{query} {name}", int(name in wanted), 1)
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
            to[column] = (Decimal(to[column]) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)
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
        expected = sum(code in EXPECTED for code in codes)
        wanted[(name,)] = {
            "sessions": len(codes), "succeeded": succeeded, "expected_failures": expected,
            "unexpected_failures": len(codes) - succeeded - expected,
        }
    return wanted


def dashboard(sessions, users):
    """What the other reports say of a week, and its failures."""
    weeks, failed = defaultdict(dict), defaultdict(list)
    parts = [
        (sessions_by_week(sessions), ["sessions", "im_sessions", "audio_sessions", "video_sessions",
                                      "app_sharing_sessions", "audio_minutes"]),
        (registrations_by_week(table("Registration"), users), ["users"]),
        (conferences_by_week(users), ["conferences", "organizers"]),
    ]
    for part, columns in parts:
        for key, values in part.items():
            weeks[key].update({column: values[column] for column in columns})
    for s in sessions:
        if not 200 <= s["ResponseCode"] < 300 and s["ResponseCode"] not in EXPECTED:
            failed[(week(s["SessionIdTime"]),)].append(users[s["SessionStartedById"]])
    for key, values in weeks.items():
        values.update({"failures": len(failed[key]), "users_with_failures": len(set(failed[key]))})
    return weeks


def look_up(name, key, value):
    return {row[key]: row[value] for row in table(name)}


def ends(session):
    """The two sides, from who started the session: ("1", "2") or ("2", "1")."""
    second = session["SessionStartedById"] == session["User2Id"]
    return ("2", "1") if second else ("1", "2")


def voice_and_video(sessions):
    pools, servers = look_up("Pools", "PoolId", "PoolFQDN"), look_up("MediationServers", "MediationServerId", "MediationServer")
    voip = {(v["SessionIdTime"], v["SessionIdSeq"]): v for v in table("VoipDetails")}
    wanted = defaultdict(lambda: {"sessions": 0, "answered": 0, "with_video": 0, "minutes": 0})
    for s in sessions:
        if not s["MediaTypes"] & 48:
            continue
        way = voip.get((s["SessionIdTime"], s["SessionIdSeq"]), defaultdict(lambda: None))
        kinds = ["UC" if way[gateway] is None else "PSTN" for gateway in ("FromGatewayId", "ToGatewayId")]
        places = ["inside" if s[f"IsUser{side}Internal"] else "outside" for side in ends(s)]
        server = way["ToMediationServerId"] or way["FromMediationServerId"]
        key = (pools[s["PoolId"]], "-".join(kinds), "-".join(places), servers.get(server, ""))
        to = wanted[key]
        to["sessions"] += 1
        to["answered"] += 200 <= s["ResponseCode"] < 300
        to["with_video"] += s["MediaTypes"] & 32 > 0
        to["minutes"] += lasted(s)
    for to in wanted.values():
        to["minutes"] = (Decimal(to["minutes"]) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return wanted


def messages(sessions):
    pools, tenants = look_up("Pools", "PoolId", "PoolFQDN"), look_up("Tenants", "TenantId", "TenantKey")
    company = {u["UserId"]: (tenants.get(u["TenantId"]) or "")[-1:] for u in table("Users")}
    wanted = defaultdict(lambda: {"sessions": 0, "messages": 0})
    for s in sessions:
        if not s["MediaTypes"] & 1:
            continue
        both = {company[s["User1Id"]], company[s["User2Id"]]}
        parties = "public" if "3" in both else "federated" if "1" in both else "enterprise"
        to = wanted[pools[s["PoolId"]], parties]
        to["sessions"] += 1
        to["messages"] += (s["User1MessageCount"] or 0) + (s["User2MessageCount"] or 0)
    return wanted


def in_range(time):
    return RANGE[0][5:] <= time.isoformat() < RANGE[1][3:]


def reports():
    """Reports of failures and of joins, with what they report."""
    defined = {d["ErrorId"]: d for d in table("ErrorDef")}
    for report in table("ErrorReport"):
        if in_range(report["ErrorTime"]):
            yield report, defined[report["ErrorId"]]


def top_failures(users):
    wanted = defaultdict(lambda: {"reports": 0, "people_affected": set()})
    for report, error in reports():
        if not 200 <= (error["ResponseCode"] or 0) < 300:
            to = wanted[str(error["MsDiagId"]), str(error["ResponseCode"])]
            to["reports"] += 1
            if report["FromUserId"] is not None:
                to["people_affected"].add(users[report["FromUserId"]])
    return {key: {**to, "people_affected": len(to["people_affected"])} for key, to in wanted.items()}


def join_times():
    kinds, times = look_up("CallType", "CallTypeId", "CallType"), defaultdict(list)
    for report, error in reports():
        if report["SessionSetupTime"] is not None and 200 <= (error["ResponseCode"] or 0) < 300:
            times[(kinds[error["CallTypeId"]],)].append(report["SessionSetupTime"])
    count = lambda found, low, high: sum(low <= time < high for time in found)
    return {key: {
        "joins": len(found), "under_2_s": count(found, 0, 2_000), "from_2_to_5_s": count(found, 2_000, 5_000),
        "from_5_to_10_s": count(found, 5_000, 10_000), "over_10_s": count(found, 10_000, math.inf),
    } for key, found in times.items()}


def phones():
    makers, versions = look_up("Manufacturers", "ManufacturerId", "Manufacturer"), look_up("HardwareVersions", "VersionId", "Version")
    devices = {d["DeviceId"]: d for d in table("Devices")}
    wanted = defaultdict(lambda: {"sign_ins": 0})
    for r in table("Registration"):
        device = devices.get(r["DeviceId"])
        if device and device["MacAddress"]:
            mac = device["MacAddress"].to_bytes(6, "big").hex("-").upper()
            wanted[makers[device["ManufacturerId"]], versions[device["HardwareVersionId"]], mac]["sign_ins"] += 1
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
        ("dashboard.sql", dashboard(sessions, users)),
    ]:
        check.rows(query, ours(cdrql, query, weekly), wanted, ["period"])
    for query, params, wanted, key in [
        ("failure_summary.sql", RANGE, failures(sessions), ["modality"]),
        ("failure_top.sql", RANGE, top_failures(users), ["diagnostic_id", "response_code"]),
        ("conference_join_time.sql", RANGE, join_times(), ["component"]),
        ("usage_messages.sql", RANGE, messages(sessions), ["pool", "parties"]),
        ("usage_voice_and_video.sql", RANGE, voice_and_video(sessions),
         ["pool", "call_type", "access", "mediation_server"]),
        ("usage_phones.sql", [], phones(), ["phone_maker", "phone_version", "phone_mac"]),
    ]:
        check.rows(query, ours(cdrql, query, params), wanted, key)
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
