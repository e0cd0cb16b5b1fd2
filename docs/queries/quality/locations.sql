-- Quality between places: every pair of subnets, in the direction that the sound went.
-- Volume, share of poor streams by the rule set lync2013 and mean metrics of what was received, the
-- poorest first, for pairs with enough streams.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $least: fewest streams, such as 50
SELECT
  f.sender_subnet,
  f.receiver_subnet,
  min(s.description)                                    AS sender_place,
  min(r.description)                                    AS receiver_place,
  count(*)                                              AS streams,
  round(100 * poor_stream_ratio(f.verdict_lync2013), 2) AS poor_pct,
  round(avg(f.round_trip_ms), 1)                        AS round_trip_ms,
  round(avg(f.degradation_mos), 3)                      AS degradation_mos,
  round(100 * avg(f.loss_ratio), 3)                     AS loss_pct,
  round(avg(f.jitter_ms), 2)                            AS jitter_ms,
  round(100 * avg(f.concealed_ratio), 2)                AS concealed_pct,
  round(100 * avg(f.stretched_ratio), 2)                AS stretched_pct,
  round(100 * avg(f.compressed_ratio), 2)               AS compressed_pct
FROM cdr.flows f
LEFT JOIN cdr.subnets s ON s.subnet = f.sender_subnet
LEFT JOIN cdr.subnets r ON r.subnet = f.receiver_subnet
WHERE f.inbound
  AND f.reported >= CAST($from AS TIMESTAMP)
  AND f.reported < CAST($until AS TIMESTAMP)
GROUP BY f.sender_subnet, f.receiver_subnet
HAVING count(*) >= CAST($least AS INT)
ORDER BY poor_stream_ratio(f.verdict_lync2013) DESC, f.sender_subnet, f.receiver_subnet
