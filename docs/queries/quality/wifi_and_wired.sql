-- Wi-Fi against the wire, inside the company and outside.
-- What the clients on each received: means, the share of poor streams by the rule set lync2013, and
-- `z`, the two-proportion test of Wi-Fi's poor share against the wire's (beyond 2 is hardly chance).
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH received AS (
  SELECT
    CASE WHEN receiver_inside THEN 'inside' WHEN NOT receiver_inside THEN 'outside' END AS place,
    (receiver_connection = 'WiFi')       AS wifi,
    jitter_ms,
    100 * loss_ratio                     AS loss_pct,
    round_trip_ms,
    (verdict_lync2013 = 'poor')          AS poor,
    (verdict_lync2013 <> 'unclassified') AS judged
  FROM cdr.flows
  WHERE inbound
    AND receiver_connection IN ('WiFi', 'Wired', 'Ethernet')
    AND coalesce(receiver_client_kind, '') NOT IN ('MediationServer', 'AV-MCU', 'CAA', 'RGS', 'ExUM')
    AND reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
compared AS (
  SELECT
    place,
    count(*) FILTER (WHERE wifi AND judged)     AS wifi_streams,
    count(*) FILTER (WHERE NOT wifi AND judged) AS wired_streams,
    count(*) FILTER (WHERE wifi AND poor)       AS wifi_poor,
    count(*) FILTER (WHERE NOT wifi AND poor)   AS wired_poor,
    avg(jitter_ms) FILTER (WHERE wifi)          AS wifi_jitter_ms,
    avg(jitter_ms) FILTER (WHERE NOT wifi)      AS wired_jitter_ms,
    avg(loss_pct) FILTER (WHERE wifi)           AS wifi_loss_pct,
    avg(loss_pct) FILTER (WHERE NOT wifi)       AS wired_loss_pct,
    avg(round_trip_ms) FILTER (WHERE wifi)      AS wifi_round_trip_ms,
    avg(round_trip_ms) FILTER (WHERE NOT wifi)  AS wired_round_trip_ms
  FROM received
  GROUP BY place
)
SELECT
  place,
  wifi_streams,
  wired_streams,
  round(100.0 * wifi_poor / nullif(wifi_streams, 0), 1)                             AS wifi_poor_pct,
  round(100.0 * wired_poor / nullif(wired_streams, 0), 1)                           AS wired_poor_pct,
  round(two_proportion_z(wifi_poor, wifi_streams, wired_poor, wired_streams), 2)    AS z,
  round(wifi_jitter_ms, 1)                                                          AS wifi_jitter_ms,
  round(wired_jitter_ms, 1)                                                         AS wired_jitter_ms,
  round(wifi_loss_pct, 2)                                                           AS wifi_loss_pct,
  round(wired_loss_pct, 2)                                                          AS wired_loss_pct,
  round(wifi_round_trip_ms, 1)                                                       AS wifi_round_trip_ms,
  round(wired_round_trip_ms, 1)                                                      AS wired_round_trip_ms
FROM compared
ORDER BY place
