#!/usr/bin/env python3
"""Answers the quality queries of docs/queries a second time, with other tools from the raw tables:

    pip install duckdb pymannkendall scipy
    quality_oracle.py CDRQL [MIRROR]

DuckDB reads the mirror's Parquet files (sample-data when no mirror is named) and knows nothing of our
views and functions: limits, buckets and formulas are written out here once more; trends are
pymannkendall's and scipy's. Every answer must agree with what CDRQL prints for the query file with
the parameters that its heading proposes.
"""
import csv
import datetime
import math
import pathlib
import re
import subprocess
import sys

import duckdb
import pymannkendall
import scipy.stats

ROOT = pathlib.Path(__file__).parents[2]
QUERIES = ROOT / "docs/queries/quality"
UTC = datetime.UTC

# Every audio stream with the end that sent it and the end that received it.
FLOWS = """
CREATE TEMP VIEW place AS
SELECT i.IPAddressKey AS key, i.IPAddress AS subnet, s.SubnetDescription AS description, t.UserSiteName AS site
FROM IPAddress i
LEFT JOIN (SELECT *, SubnetIP & 4294967295 AS a FROM Subnet) s
  ON i.IPAddress = concat_ws('.', a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255)
LEFT JOIN UserSite t USING (UserSiteKey);

CREATE TEMP VIEW agent AS
SELECT a.UserAgentKey AS key, min(d.UACategory) AS kind
FROM UserAgent a LEFT JOIN UserAgentDef d USING (UAType) GROUP BY 1;

CREATE TEMP VIEW flows AS
SELECT
  a.*, q.StartTime AS started, q.EndTime AS ended, m.AppliedBandwidthLimit AS cap, m.Transport,
  a.SenderIsCallerPAI AS forth,
  if(forth, r.subnet, e.subnet) AS from_subnet, if(forth, e.subnet, r.subnet) AS to_subnet,
  if(forth, r.site, e.site) AS from_site, if(forth, e.site, r.site) AS to_site,
  if(forth, m.CallerNetworkConnectionType, m.CalleeNetworkConnectionType) AS from_net,
  if(forth, m.CalleeNetworkConnectionType, m.CallerNetworkConnectionType) AS to_net,
  if(forth, m.CallerInside, m.CalleeInside) AS from_inside,
  if(forth, m.CalleeInside, m.CallerInside) AS to_inside,
  coalesce(m.CallerVPN, false) OR coalesce(m.CalleeVPN, false) AS vpn,
  if(forth, rg.kind, eg.kind) AS from_kind, if(forth, eg.kind, rg.kind) AS to_kind,
  CASE WHEN 'MediationServer' IN (rg.kind, eg.kind) THEN 'telephone' WHEN 'AV-MCU' IN (rg.kind, eg.kind) THEN 'meeting'
    WHEN rg.kind IN ('CAA', 'RGS', 'ExUM') OR eg.kind IN ('CAA', 'RGS', 'ExUM') THEN 'service' ELSE 'peer to peer' END AS call_kind,
  if(forth, rn.Name, en.Name) AS from_machine, if(forth, en.Name, rn.Name) AS to_machine,
  m.CallerRelayIPAddr IS NOT NULL OR m.CalleeRelayIPAddr IS NOT NULL AS relayed,
  if(forth, ru.URI, eu.URI) AS sender, if(forth, eu.URI, ru.URI) AS receiver,
  d.DeviceName AS microphone, k.DeviceName AS speaker,
  DegradationAvg > 1 AS r1, RoundTrip > 500 AS r2, PacketLossRate > 0.1 AS r4,
  JitterInterArrival > 30 AS r8, RatioConcealedSamplesAvg > 0.07 AS r16,
  coalesce(r1, false) OR coalesce(r2, false) OR coalesce(r4, false) OR coalesce(r8, false)
    OR coalesce(r16, false) AS poor,
  coalesce(DegradationAvg, RoundTrip, PacketLossRate, JitterInterArrival, RatioConcealedSamplesAvg)
    IS NOT NULL AS judged,
  from_kind IS NULL OR from_kind IN ('MediationServer', 'AV-MCU', 'CAA', 'RGS', 'ExUM') AS from_server,
  to_kind IS NULL OR to_kind IN ('MediationServer', 'AV-MCU', 'CAA', 'RGS', 'ExUM') AS to_server
FROM AudioStream a
JOIN MediaLine m USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
JOIN Session q USING (ConferenceDateTime, SessionSeq)
LEFT JOIN place r ON r.key = m.CallerSubnet
LEFT JOIN place e ON e.key = m.CalleeSubnet
LEFT JOIN agent rg ON rg.key = q.CallerUserAgent
LEFT JOIN agent eg ON eg.key = q.CalleeUserAgent
LEFT JOIN "User" ru ON ru.UserKey = q.CallerURI
LEFT JOIN "User" eu ON eu.UserKey = q.CalleeUri
LEFT JOIN Endpoint rn ON rn.EndpointKey = q.CallerEndpoint
LEFT JOIN Endpoint en ON en.EndpointKey = q.CalleeEndpoint
LEFT JOIN Device d ON d.DeviceKey = if(a.SenderIsCallerPAI, m.CallerCaptureDev, m.CalleeCaptureDev)
LEFT JOIN Device k ON k.DeviceKey = if(a.SenderIsCallerPAI, m.CalleeRenderDev, m.CallerRenderDev);

CREATE TEMP VIEW pictures AS
SELECT v.*, f.call_kind, least(coalesce(r.site, 'outside'), coalesce(e.site, 'outside')) AS site,
  greatest(coalesce(r.site, 'outside'), coalesce(e.site, 'outside')) AS other_site
FROM (FROM VideoStream UNION ALL BY NAME FROM AppSharingStream) v
JOIN MediaLine m USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
JOIN (SELECT ConferenceDateTime, SessionSeq, CASE WHEN 'MediationServer' IN (rg.kind, eg.kind) THEN 'telephone'
    WHEN 'AV-MCU' IN (rg.kind, eg.kind) THEN 'meeting'
    WHEN rg.kind IN ('CAA', 'RGS', 'ExUM') OR eg.kind IN ('CAA', 'RGS', 'ExUM') THEN 'service' ELSE 'peer to peer' END AS call_kind
  FROM Session q LEFT JOIN agent rg ON rg.key = q.CallerUserAgent LEFT JOIN agent eg ON eg.key = q.CalleeUserAgent) f
  USING (ConferenceDateTime, SessionSeq)
LEFT JOIN place r ON r.key = m.CallerSubnet
LEFT JOIN place e ON e.key = m.CalleeSubnet;
"""

# Means of what was received, as most reports list them.
POOR = "100.0 * count(*) FILTER (poor) / nullif(count(*) FILTER (judged), 0)"
MEANS = "avg(RoundTrip), avg(DegradationAvg), 100 * avg(PacketLossRate), avg(JitterInterArrival)"
HEALED = "100 * avg(RatioConcealedSamplesAvg), 100 * avg(RatioStretchedSamplesAvg), 100 * avg(RatioCompressedSamplesAvg)"


def tables(mirror: pathlib.Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for database in ("QoEMetrics", "LcsCDR"):
        for table in sorted((mirror / database / "dbo").iterdir()):
            if not list(table.glob("*.parquet")):
                continue
            name = table.name if database == "QoEMetrics" else f"cdr_{table.name}"
            con.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{table}/*.parquet')")
    con.execute(FLOWS)
    return con


def welch(con, groups: str, source: str, now: str, x: str) -> list:
    """Rows (group..., mean, mean of the others, z) of a comparison of two means."""
    return con.sql(f"""
      SELECT {groups}, count({x}) FILTER ({now}), avg({x}) FILTER ({now}), avg({x}) FILTER (NOT {now}),
        (avg({x}) FILTER ({now}) - avg({x}) FILTER (NOT {now})) / sqrt(
          var_samp({x}) FILTER ({now}) / count({x}) FILTER ({now})
          + var_samp({x}) FILTER (NOT {now}) / count({x}) FILTER (NOT {now}))
      FROM {source} GROUP BY {groups}""").fetchall()


def worst_subnets(con, p) -> list:
    rows = []
    for name, x in (("jitter_ms", "JitterInterArrival"), ("loss_pct", "100.0 * PacketLossRate"), ("round_trip_ms", "RoundTrip")):
        source = f"""(SELECT *, ConferenceDateTime >= '{p['week']}' AS now FROM flows WHERE Inbound
          AND ConferenceDateTime >= '{p['since']}' AND ConferenceDateTime < TIMESTAMP '{p['week']}' + INTERVAL 7 DAY)"""
        for subnet, n, mean, before, z in welch(con, "to_subnet", source, "now", x):
            if n >= int(p["least"]) and z is not None and z >= float(p["z"]):
                place = con.sql(f"SELECT description FROM place WHERE subnet = '{subnet}'").fetchall()[0][0]
                rows.append((subnet, place, name, n, mean, before, z))
    return sorted(rows, key=lambda row: -row[-1])


def full_links(con, p) -> list:
    rows = []
    for day in range(7):
        source = f"""(SELECT *, dayofweek(started) = {day} AS now, least(from_site, to_site) || ' - ' ||
          greatest(from_site, to_site) AS link FROM flows WHERE Inbound AND from_site <> to_site)"""
        for link, n, mean, others, z in welch(con, "link", source, "now", "100.0 * PacketLossRate"):
            if n >= int(p["least"]) and z is not None and z >= float(p["z"]):
                capped, name = con.sql(f"SELECT count(cap), any_value(dayname(started)) FROM {source} WHERE now AND link = '{link}'").fetchall()[0]
                calls = con.sql(f"SELECT started, ended FROM {source} WHERE now AND link = '{link}'").fetchall()
                rows.append((link, name, n, capped, at_once(calls), mean, others, z))
    return sorted(rows, key=lambda row: -row[-1])


def at_once(calls: list) -> int:
    """The most calls at any start: each lasts from its start up to, not including, its end."""
    return max(sum(s <= t < e for s, e in calls) for t, _ in calls)


def deteriorating_links(con, p) -> list:
    rows = []
    sites = "CASE WHEN from_site <> to_site THEN least(from_site, to_site) || ' - ' || greatest(from_site, to_site) END"
    for name, x in (("jitter_ms", "JitterInterArrival"), ("loss_pct", "100.0 * PacketLossRate")):
        for link in ("to_subnet", sites):
            days = con.sql(f"""SELECT {link} AS link, started::DATE AS day, avg({x}), count({x}) FROM flows
              WHERE Inbound AND {link} IS NOT NULL GROUP BY ALL HAVING count({x}) >= {p['least']}""").fetchall()
            for link_name in sorted({row[0] for row in days}):
                series = {day: (mean, n) for l, day, mean, n in days if l == link_name}
                if len(series) < int(p["days"]):
                    continue
                # A row for every day of the calendar: pymannkendall takes seasons by position.
                first = min(series)
                whole = [series.get(first + (max(series) - first) / max((max(series) - first).days, 1) * i, (math.nan,))[0]
                         for i in range((max(series) - first).days + 1)]
                result = pymannkendall.seasonal_test(whole, period=7)
                if result.slope > 0 and result.p < float(p["p"]):
                    place = con.sql(f"SELECT description FROM place WHERE subnet = '{link_name}'").fetchall()
                    rows.append((link_name, place[0][0] if place else None, name, len(series), sum(n for _, n in series.values()),
                                 result.slope, result.z, result.p))
    return sorted(rows, key=lambda row: -row[-2])


def devices(con, p) -> list:
    return con.sql(f"""
      SELECT microphone, count(SendListenMOS), count(DISTINCT lower(sender)) FILTER (sender NOT ILIKE 'anonymous@%'), avg(SendListenMOS), avg(SendListenMOS) > 3.6,
        avg(AudioMicGlitchRate), avg(AudioMicGlitchRate) <= 1, avg(EchoPercentMicIn), avg(EchoPercentSend), {POOR},
        avg(DeviceHalfDuplexAECEventRatio), 100.0 * count(*) FILTER (DeviceHalfDuplexAECEventRatio > 0) / count(DeviceHalfDuplexAECEventRatio),
        avg(DeviceCaptureNotFunctioningEventRatio), 100.0 * count(*) FILTER (DeviceEchoEventRatio > 0) / count(DeviceEchoEventRatio)
      FROM flows f LEFT JOIN AudioSignal g USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
      LEFT JOIN AudioClientEvent c USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
      WHERE g.FromCaller = f.forth AND c.FromCaller = f.forth AND microphone IS NOT NULL
      GROUP BY 1 HAVING count(SendListenMOS) >= {p['least']} ORDER BY 4""").fetchall()


def speakers(con, p) -> list:
    return con.sql(f"""
      SELECT speaker, count(*), count(DISTINCT lower(receiver)) FILTER (receiver NOT ILIKE 'anonymous@%'), {POOR},
        avg(AudioSpeakerGlitchRate), avg(DeviceRenderNotFunctioningEventRatio), avg(DeviceGlitchesEventRatio) AS glitches,
        100.0 * count(*) FILTER (DeviceEchoEventRatio > 0) / count(DeviceEchoEventRatio)
      FROM flows f LEFT JOIN AudioSignal g USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
      LEFT JOIN AudioClientEvent c USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
      WHERE g.FromCaller <> f.forth AND c.FromCaller <> f.forth AND speaker IS NOT NULL AND f.Inbound
      GROUP BY 1 HAVING count(*) >= {p['least']} ORDER BY glitches DESC, 1""").fetchall()


def summary(con, p) -> list:
    return con.sql(f"""
      SELECT call_kind, count(*), {POOR}, count(*) FILTER (1 IN (from_net, to_net)), count(*) FILTER (vpn),
        count(*) FILTER (NOT from_inside OR NOT to_inside), {MEANS}, {HEALED}
      FROM flows GROUP BY 1 ORDER BY 2 DESC""").fetchall()


VIDEO_LIMITS = {"VideoPostFECPLR": "> 0.1", "VideoLocalFrameLossPercentageAvg": "> 10", "RecvFrameRateAverage": "< 7",
                "LowFrameRateCallPercent": "> 10", "VideoPacketLossRate": "> 0.1", "InboundVideoFrameRateAvg": "< 7",
                "OutboundVideoFrameRateAvg": "< 7", "DynamicCapabilityPercent": "> 10"}
SHARING_LIMITS = {"SpoiledTilePercentTotal": "> 36", "RDPTileProcessingLatencyAverage": "> 400", "RelativeOneWayAverage": "> 1.75"}


def crossed(limits: dict) -> str:
    return " OR ".join(f"coalesce({column} {limit}, false)" for column, limit in limits.items())


def share(limits: dict) -> str:
    return f"100.0 * count(*) FILTER ({crossed(limits)}) / nullif(count(coalesce({', '.join(limits)})), 0)"


def video_summary(con, p) -> list:
    return con.sql(f"""
      SELECT call_kind, site, other_site, count(*), {share(VIDEO_LIMITS)},
        avg(VideoBitRateAvg) / 1000, avg(LowBitRateCallPercent), avg(LowFrameRateCallPercent), avg(InboundVideoFrameRateAvg),
        avg(OutboundVideoFrameRateAvg), 100 * avg(VideoFrameLossRate), avg(VideoLocalFrameLossPercentageAvg),
        100 * avg(VideoPacketLossRate), 100 * avg(VideoPostFECPLR)
      FROM pictures WHERE MediaLineLabel <> 3
      GROUP BY GROUPING SETS ((1), (1, 2, 3)) ORDER BY 1, 2 NULLS FIRST, 4 DESC, 3""").fetchall()


def sharing_summary(con, p) -> list:
    return con.sql(f"""
      SELECT call_kind, site, other_site, count(*), {share(SHARING_LIMITS)},
        avg(JitterInterArrival), avg(RelativeOneWayAverage), avg(RDPTileProcessingLatencyAverage), max(RDPTileProcessingLatencyMax),
        avg(SpoiledTilePercentTotal), avg(IncomingFrameRateAverage), avg(OutgoingFrameRateAverage)
      FROM pictures WHERE MediaLineLabel = 3
      GROUP BY GROUPING SETS ((1), (1, 2, 3)) ORDER BY 1, 2 NULLS FIRST, 4 DESC, 3""").fetchall()


def verdicts(con, p) -> list:
    steps = "coalesce(VideoLocalFrameLossPercentageAvg > 50, RecvFrameRateAverage < 7, VideoPostFECPLR > 0.15)"
    enough = "coalesce(PacketUtilization > 500, false)"
    audio = ("poor", "judged")
    sharing = (crossed(SHARING_LIMITS), f"coalesce({', '.join(SHARING_LIMITS)}) IS NOT NULL")
    rules = [
        ("audio", "lync2013", "flows", *audio), ("audio", "cqd2024", "flows",
            f"{enough} AND (coalesce(r2, false) OR coalesce(r4, false) OR coalesce(r8, false))",
            f"{enough} AND coalesce(RoundTrip, PacketLossRate, JitterInterArrival) IS NOT NULL"), ("audio", "cqd2019", "flows", *audio),
        *(("sharing", rule_set, "AppSharingStream", *sharing) for rule_set in ("lync2013", "cqd2024", "cqd2019")),
        ("video", "lync2013", "VideoStream", crossed(VIDEO_LIMITS), f"coalesce({', '.join(VIDEO_LIMITS)}) IS NOT NULL"),
        ("video", "cqd2024", "VideoStream", f"{enough} AND coalesce({steps}, false)", f"{enough} AND ({steps}) IS NOT NULL"),
        ("video", "cqd2019", "VideoStream", f"coalesce({steps}, false)", f"({steps}) IS NOT NULL"),
    ]
    rows = []
    for medium, rule_set, table, poor, known in rules:
        rows.append((medium, rule_set, *con.sql(f"""
          SELECT count(*), count(*) FILTER (server AND ours), count(*) FILTER (server AND NOT ours),
            count(*) FILTER (NOT server AND ours), count(*) FILTER (NOT server AND NOT ours), count(*) FILTER (NOT known)
          FROM (SELECT bool_or(m.ClassifiedPoorCall) AS server, bool_or({poor}) AS ours, bool_or({known}) AS known
            FROM {table} JOIN MediaLine m USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
            WHERE Inbound GROUP BY ConferenceDateTime, SessionSeq, MediaLineLabel)""").fetchall()[0]))
    return rows


def week(p) -> str:
    return f"TIMESTAMP '{p['from']}' + to_days(CAST(7 * floor(epoch(started - TIMESTAMP '{p['from']}') / 604800) AS INT))"


def comparison(con, p) -> list:
    """For what the heading proposes: Wi-Fi against wired."""
    return con.sql(f"""
      SELECT ({week(p)})::DATE, CASE WHEN 1 IN (from_net, to_net) THEN 'Wi-Fi' WHEN from_net IN (0, 2) AND to_net IN (0, 2) THEN 'wired' END AS calls,
        count(*), {POOR}, {MEANS}, {HEALED}
      FROM flows WHERE calls IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2""").fetchall()


def servers(con, p) -> list:
    return con.sql(f"""
      WITH media AS (SELECT *, if(to_kind IN ('MediationServer', 'AV-MCU'), to_machine, from_machine) AS server,
          if(to_kind IN ('MediationServer', 'AV-MCU'), to_kind, from_kind) AS kind, ({week(p)})::DATE AS week
        FROM flows WHERE to_kind IN ('MediationServer', 'AV-MCU') OR from_kind IN ('MediationServer', 'AV-MCU')),
      whole AS (SELECT server, {POOR} AS share FROM media GROUP BY 1)
      SELECT server, kind, week, count(*), {POOR}, {MEANS}, {HEALED}
      FROM media JOIN whole USING (server) GROUP BY 1, 2, 3 ORDER BY max(share) DESC, 1, 3""").fetchall()


def locations(con, p) -> list:
    return con.sql(f"""
      SELECT from_subnet, to_subnet, min(s.description), min(r.description), count(*), {POOR}, {MEANS}, {HEALED}
      FROM flows LEFT JOIN place s ON s.subnet = from_subnet LEFT JOIN place r ON r.subnet = to_subnet
      WHERE Inbound GROUP BY 1, 2 HAVING count(*) >= {p['least']} ORDER BY {POOR} DESC, 1, 2""").fetchall()


def location_trend(con, p) -> list:
    return con.sql(f"""
      SELECT started::DATE, min(dayname(started)), count(*), count(cap), {POOR}, {MEANS}, {HEALED}
      FROM flows WHERE Inbound AND from_site = '{p['sender_site']}' AND to_site = '{p['receiver_site']}'
      GROUP BY 1 ORDER BY 1""").fetchall()


def wifi_and_wired(con, p) -> list:
    rows = con.sql("""
      SELECT if(to_inside, 'inside', 'outside'), to_net = 1 AS wifi, count(*) FILTER (judged), count(*) FILTER (poor),
        avg(JitterInterArrival), 100 * avg(PacketLossRate), avg(RoundTrip)
      FROM flows WHERE Inbound AND to_net IN (0, 1, 2)
        AND coalesce(to_kind, '') NOT IN ('MediationServer', 'AV-MCU', 'CAA', 'RGS', 'ExUM')
      GROUP BY ALL ORDER BY 1, 2 DESC""").fetchall()
    answer = []
    for wifi, wired in zip(rows[::2], rows[1::2]):
        (n1, x1), (n2, x2) = wifi[2:4], wired[2:4]
        pooled = (x1 + x2) / (n1 + n2)
        z = (x1 / n1 - x2 / n2) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        metrics = [value for pair in zip(wifi[4:], wired[4:]) for value in pair]
        answer.append((wifi[0], n1, n2, 100 * x1 / n1, 100 * x2 / n2, z, *metrics))
    return answer


def poor_calls_of(con, p) -> list:
    words = {"r1": "degradation", "r2": "round trip", "r4": "loss", "r8": "jitter", "r16": "concealment"}
    any_of = ", ".join(f"CASE WHEN bool_or({bit}) THEN '{word}' END" for bit, word in words.items())
    return con.sql(f"""
      SELECT min(started), round(epoch(min(ended)) - epoch(min(started))), min(lower(if(forth, sender, receiver))),
        min(lower(if(forth, receiver, sender))), concat_ws(', ', {any_of}), count(*)
      FROM flows WHERE poor AND '{p['person']}' IN (lower(sender), lower(receiver))
      GROUP BY ConferenceDateTime, SessionSeq ORDER BY 1""").fetchall()


def erlang_b(erlangs: float, lines: int) -> float:
    """Erlang's loss formula by its other form, the upper tail of the Poisson distribution."""
    return scipy.stats.poisson.pmf(lines, erlangs) / scipy.stats.poisson.cdf(lines, erlangs)


def trunks(con, p) -> list:
    rows = []
    for gateway in con.sql("SELECT GatewayId, Gateway FROM cdr_Gateways ORDER BY 2").fetchall():
        calls = con.sql(f"""SELECT ResponseTime, SessionEndTime FROM cdr_SessionDetails JOIN cdr_VoipDetails
          USING (SessionIdTime, SessionIdSeq) WHERE {gateway[0]} IN (FromGatewayId, ToGatewayId)
          AND ResponseCode BETWEEN 200 AND 299 AND ResponseTime IS NOT NULL AND SessionEndTime IS NOT NULL""").fetchall()
        hours = {}
        for start, end in calls:
            s, e = (t.replace(tzinfo=UTC).timestamp() for t in (start, end))
            for hour in range(int(s // 3600), int(e // 3600) + 1):
                hours[hour] = hours.get(hour, 0) + max(0, min(e, 3600 * hour + 3600) - max(s, 3600 * hour)) / 3600
        hour = min(h for h in hours if hours[h] == max(hours.values()))
        needed = next(n for n in range(1, 1000) if erlang_b(hours[hour], n) <= float(p["blocking"]))
        peak = at_once(calls)
        seconds = sum(round((e - s).total_seconds()) for s, e in calls)
        start = datetime.datetime.fromtimestamp(3600 * hour, UTC).replace(tzinfo=None)
        rows.append((gateway[1], len(calls), seconds / 60, peak, start, hours[hour], needed, 100 * erlang_b(hours[hour], peak)))
    return rows


def bandwidth_forecast(con, p) -> list:
    """Without the day that a link is full: no link of the sample grows."""
    streams = con.sql(f"""
      SELECT from_site, to_site, started, ended, kbps FROM (
        SELECT *, CASE
            WHEN PayloadDescription = 'x-msrta' AND AudioSampleRate = 16000 THEN if(AudioFECUsed, 86, 57)
            WHEN PayloadDescription = 'x-msrta' THEN if(AudioFECUsed, 51.6, 39.8)
            WHEN PayloadDescription IN ('PCMU', 'PCMA') THEN if(AudioFECUsed, 156, 92)
            WHEN PayloadDescription ILIKE 'siren' THEN if(AudioFECUsed, 63.6, 47.6)
          END AS kbps
        FROM flows JOIN PayloadDescription ON PayloadDescriptionKey = AudioPayloadDescription
        UNION ALL BY NAME
        SELECT q.StartTime AS started, q.EndTime AS ended, VideoBitRateAvg / 1000 AS kbps,
          if(SenderIsCallerPAI, r.site, e.site) AS from_site, if(SenderIsCallerPAI, e.site, r.site) AS to_site
        FROM VideoStream JOIN MediaLine m USING (ConferenceDateTime, SessionSeq, MediaLineLabel)
        JOIN Session q USING (ConferenceDateTime, SessionSeq)
        JOIN place r ON r.key = m.CallerSubnet JOIN place e ON e.key = m.CalleeSubnet)
      WHERE from_site <> to_site AND kbps IS NOT NULL""").fetchall()
    begin, end = (datetime.datetime.fromisoformat(p[name]) for name in ("from", "until"))
    hours = {}
    for from_site, to_site, start, stop, kbps in streams:
        s, e = ((t - begin).total_seconds() for t in (start, stop))
        for hour in range(int(s // 3600), int(e // 3600) + 1):
            spent = max(0, min(e, 3600 * hour + 3600) - max(s, 3600 * hour))
            key = (f"{from_site} to {to_site}", hour)
            hours[key] = hours.get(key, 0) + float(kbps) * spent / 3600
    rows = []
    for link in {link for link, _ in hours}:
        weeks = {}
        for (name, hour), kbps in hours.items():
            if name == link and 0 <= hour < (end - begin).total_seconds() / 3600:
                weeks[hour // 168] = max(kbps, weeks.get(hour // 168, 0))
        times, loads = zip(*sorted(weeks.items()))
        slope = scipy.stats.theilslopes(loads, times).slope
        rows.append((link, len(weeks), max(loads), slope, pymannkendall.original_test(loads).p, ""))
    return sorted(rows, key=lambda row: (-round(row[2], 6), row[0]))


def metrics_distribution(con, p) -> list:
    edges = {
        "degradation_mos": ("DegradationAvg", [.5, 1]),
        "jitter_ms": ("JitterInterArrival", [5, 10, 15, 20, 30, 50, 100, 200]),
        "loss_ratio": ("PacketLossRate", [0, .001, .01, .03, .05, .1, .2]),
        "round_trip_ms": ("RoundTrip", [60, 100, 200, 300, 500, 800, 1000]),
    }
    rows = []
    for metric, (column, limits) in edges.items():
        values = [float(v) for v, in con.sql(f"SELECT {column} FROM flows WHERE Inbound AND {column} IS NOT NULL").fetchall()]
        counts = [0] * (len(limits) + 1)
        for value in values:
            counts[sum(limit < value for limit in limits)] += 1
        mean, median = sum(values) / len(values), con.sql(f"SELECT quantile_cont({column}::DOUBLE, 0.5) FROM flows WHERE Inbound").fetchall()[0][0]
        p95 = con.sql(f"SELECT quantile_cont({column}::DOUBLE, 0.95) FROM flows WHERE Inbound").fetchall()[0][0]
        below = 0
        for count in counts:
            below += count
            if count:
                rows.append((metric, None, count, 100 * count / len(values), 100 * below / len(values), mean, median, p95))
    return rows


def cqm_scorecard(con, p) -> list:
    mediated = "(from_kind = 'MediationServer' OR to_kind = 'MediationServer')"
    rows = con.sql(f"""
      WITH legs AS (SELECT *, coalesce(from_kind = 'AV-MCU' OR to_kind = 'AV-MCU', false) AS mcu FROM flows WHERE {mediated})
      SELECT 'servers', if(mcu, 'conferencing - mediation', 'mediation - gateway'), 'poor streams, %', count(*),
        100.0 * count(*) FILTER (PacketLossRate > .01 OR PacketLossRateMax > .05) / count(coalesce(PacketLossRate, PacketLossRateMax)) AS v, '< 2', v < 2
      FROM legs WHERE mcu OR from_kind IS NULL OR to_kind IS NULL GROUP BY 2
      UNION ALL
      SELECT if(if(to_server, from_net, to_net) = 1, 'last mile, Wi-Fi', 'last mile, wired'), if(to_server, from_site, to_site) AS site,
        'poor streams, %', count(*), 100.0 * count(*) FILTER (poor) / count(*) FILTER (judged) AS v, '< 5', v < 5
      FROM flows WHERE from_server <> to_server AND if(to_server, from_inside, to_inside) AND if(to_server, from_net, to_net) IN (0, 1, 2)
        AND if(to_server, from_site, to_site) IS NOT NULL
      GROUP BY 1, 2 HAVING count(*) > {p['site_streams']}
      UNION ALL
      SELECT 'transport', unnest(['TCP', 'VPN']), 'streams, %', count(*), 100.0 * unnest([count(*) FILTER (Transport = 1), count(*) FILTER (vpn)]) / count(*) AS v, '0', v = 0
      FROM flows""").fetchall()
    for device in devices(con, {"least": int(p["device_streams"]) + 1}):
        rows.append(("devices", device[0], "sent listening MOS", device[1], device[3], "> 3.6", device[4]))
        rows.append(("devices", device[0], "microphone glitches in 5 minutes", device[1], device[5], "<= 1", device[6]))
    return sorted(rows, key=lambda row: (row[6], row[:3]))


ORACLES = [worst_subnets, full_links, deteriorating_links, devices, speakers, wifi_and_wired, poor_calls_of, trunks,
           bandwidth_forecast, metrics_distribution, cqm_scorecard, summary, video_summary, sharing_summary, comparison,
           servers, locations, location_trend, verdicts]


def proposed(query: pathlib.Path) -> dict:
    return dict(re.findall(r"^-- \$(\w+): .*such as (.*)$", query.read_text(), re.M))


def answer(cdrql: str, mirror: pathlib.Path, query: pathlib.Path) -> list:
    params = [f"--param={name}={value}" for name, value in proposed(query).items()]
    command = [cdrql, "--mirror", mirror, "run", *params, "--format", "csv", query]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(csv.reader(text.splitlines()))[1:]


def agrees(printed: str, expected) -> bool:
    if expected is None:
        return True
    if isinstance(expected, bool) or isinstance(expected, str):
        return printed == str(expected).lower() if isinstance(expected, bool) else printed == expected
    try:
        digits = len(printed.partition(".")[2])
        # What is printed was rounded to its digits; tiny p-values are differences of larger numbers.
        return abs(float(printed) - float(expected)) <= max(0.50001 * 10**-digits, 1e-12)
    except (TypeError, ValueError):
        return printed.replace("T", " ").rstrip("0").rstrip(".") == str(expected).rstrip("0").rstrip(".")


def main() -> None:
    mirror = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "sample-data"
    con = tables(mirror)
    wrong = 0
    for oracle in ORACLES:
        query = QUERIES / f"{oracle.__name__}.sql"
        printed, expected = answer(sys.argv[1], mirror, query), oracle(con, proposed(query))
        rows = [(a, b) for a, b in zip(printed, expected) if not all(map(agrees, a, b))]
        wrong += bool(rows) or len(printed) != len(expected)
        print(f"{oracle.__name__}: {len(printed)} rows, {len(expected)} expected, {len(rows)} differ")
        for a, b in rows[:3]:
            print(f"  printed  {a}\n  expected {list(map(str, b))}")
    sys.exit(wrong)


if __name__ == "__main__":
    main()
