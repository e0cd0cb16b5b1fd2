-- Two kinds of calls side by side, week by week.
-- Each is one of: Wi-Fi, wired (both ends on the wire); VPN, no VPN; inside, outside (either end); UDP,
-- TCP; relayed, direct; peer to peer, telephone, meeting, service. For each week how many audio streams,
-- the share of poor ones by the rule set lync2013, and mean metrics.
-- $one: the first kind, such as Wi-Fi
-- $other: the second, such as wired
-- $from: first day of the first week, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH flows AS (
  SELECT
    *,
    CAST(date_bin(INTERVAL '7 days', started, CAST($from AS TIMESTAMP)) AS DATE) AS week,
    make_array(
      call_kind,
      transport,
      CASE WHEN relayed THEN 'relayed' ELSE 'direct' END,
      CASE WHEN sender_vpn OR receiver_vpn THEN 'VPN' ELSE 'no VPN' END,
      CASE WHEN sender_inside AND receiver_inside THEN 'inside' ELSE 'outside' END,
      CASE
        WHEN sender_connection = 'WiFi' OR receiver_connection = 'WiFi' THEN 'Wi-Fi'
        WHEN sender_connection IN ('Wired', 'Ethernet') AND receiver_connection IN ('Wired', 'Ethernet') THEN 'wired'
      END
    ) AS kinds
  FROM cdr.flows
  WHERE reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
of_kind AS (
  SELECT *, unnest(kinds) AS calls
  FROM flows
)
SELECT
  week,
  calls,
  count(*)                                            AS streams,
  round(100 * poor_stream_ratio(verdict_lync2013), 2) AS poor_pct,
  round(avg(round_trip_ms), 1)                        AS round_trip_ms,
  round(avg(degradation_mos), 3)                      AS degradation_mos,
  round(100 * avg(loss_ratio), 3)                     AS loss_pct,
  round(avg(jitter_ms), 2)                            AS jitter_ms,
  round(100 * avg(concealed_ratio), 2)                AS concealed_pct,
  round(100 * avg(stretched_ratio), 2)                AS stretched_pct,
  round(100 * avg(compressed_ratio), 2)               AS compressed_pct
FROM of_kind
WHERE calls IN ($one, $other)
GROUP BY week, calls
ORDER BY week, calls = $other
