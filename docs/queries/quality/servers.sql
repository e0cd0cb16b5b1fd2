-- Servers by the quality of their media, week by week.
-- For each mediation and conferencing server and each week from $from on: streams to and from it, the
-- share of poor ones by the rule set lync2013, and mean metrics. The servers with the largest share
-- over the whole time come first.
-- $from: first day of the first week, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH flows AS (
  SELECT
    CASE
      WHEN receiver_client_kind IN ('MediationServer', 'AV-MCU') THEN receiver_machine
      ELSE sender_machine
    END AS server,
    CASE
      WHEN receiver_client_kind IN ('MediationServer', 'AV-MCU') THEN receiver_client_kind
      ELSE sender_client_kind
    END AS kind,
    CAST(date_bin(INTERVAL '7 days', started, CAST($from AS TIMESTAMP)) AS DATE) AS week,
    verdict_lync2013,
    round_trip_ms,
    degradation_mos,
    loss_ratio,
    jitter_ms,
    concealed_ratio,
    stretched_ratio,
    compressed_ratio
  FROM cdr.flows
  WHERE (receiver_client_kind IN ('MediationServer', 'AV-MCU') OR sender_client_kind IN ('MediationServer', 'AV-MCU'))
    AND reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
overall AS (
  SELECT server, poor_stream_ratio(verdict_lync2013) AS poor
  FROM flows
  GROUP BY server
)
SELECT
  f.server,
  f.kind,
  f.week,
  count(*)                                              AS streams,
  round(100 * poor_stream_ratio(f.verdict_lync2013), 2) AS poor_pct,
  round(avg(f.round_trip_ms), 1)                        AS round_trip_ms,
  round(avg(f.degradation_mos), 3)                      AS degradation_mos,
  round(100 * avg(f.loss_ratio), 3)                     AS loss_pct,
  round(avg(f.jitter_ms), 2)                            AS jitter_ms,
  round(100 * avg(f.concealed_ratio), 2)                AS concealed_pct,
  round(100 * avg(f.stretched_ratio), 2)                AS stretched_pct,
  round(100 * avg(f.compressed_ratio), 2)               AS compressed_pct
FROM flows f
JOIN overall o ON o.server = f.server
GROUP BY f.server, f.kind, f.week
ORDER BY max(o.poor) DESC, f.server, f.week
