-- Audio quality at a glance, by kind of call.
-- Streams of calls between two people, through the telephone network, in meetings and to services: how
-- many, how many of them poor by the rule set lync2013, over Wi-Fi, over VPN or with somebody outside,
-- and the mean of each metric.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH flows AS (
  SELECT
    *,
    (sender_connection = 'WiFi' OR receiver_connection = 'WiFi') AS over_wifi,
    (sender_vpn OR receiver_vpn)                                 AS over_vpn,
    (NOT sender_inside OR NOT receiver_inside)                   AS outside
  FROM cdr.flows
  WHERE reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
)
SELECT
  call_kind,
  count(*)                                            AS streams,
  round(100 * poor_stream_ratio(verdict_lync2013), 2) AS poor_pct,
  count(*) FILTER (WHERE over_wifi)                   AS over_wifi,
  count(*) FILTER (WHERE over_vpn)                    AS over_vpn,
  count(*) FILTER (WHERE outside)                     AS outside,
  round(avg(round_trip_ms), 1)                        AS round_trip_ms,
  round(avg(degradation_mos), 3)                      AS degradation_mos,
  round(100 * avg(loss_ratio), 3)                     AS loss_pct,
  round(avg(jitter_ms), 2)                            AS jitter_ms,
  round(100 * avg(concealed_ratio), 2)                AS concealed_pct,
  round(100 * avg(stretched_ratio), 2)                AS stretched_pct,
  round(100 * avg(compressed_ratio), 2)               AS compressed_pct
FROM flows
GROUP BY call_kind
ORDER BY streams DESC
