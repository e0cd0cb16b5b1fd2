-- Quality between two sites, day by day.
-- Volume, share of poor streams by the rule set lync2013 and mean metrics of what was received from
-- one site at the other.
-- $sender_site: where the sound came from, such as Bristol
-- $receiver_site: where it went, such as Munich
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
SELECT
  CAST(started AS DATE)                               AS day,
  to_char(started, '%A')                              AS weekday,
  count(*)                                            AS streams,
  count(*) FILTER (WHERE bandwidth_limit IS NOT NULL) AS capped,
  round(100 * poor_stream_ratio(verdict_lync2013), 1) AS poor_pct,
  round(avg(round_trip_ms), 1)                        AS round_trip_ms,
  round(avg(degradation_mos), 3)                      AS degradation_mos,
  round(100 * avg(loss_ratio), 3)                     AS loss_pct,
  round(avg(jitter_ms), 2)                            AS jitter_ms,
  round(100 * avg(concealed_ratio), 2)                AS concealed_pct,
  round(100 * avg(stretched_ratio), 2)                AS stretched_pct,
  round(100 * avg(compressed_ratio), 2)               AS compressed_pct
FROM cdr.flows
WHERE inbound
  AND sender_site = $sender_site
  AND receiver_site = $receiver_site
  AND reported >= CAST($from AS TIMESTAMP)
  AND reported < CAST($until AS TIMESTAMP)
GROUP BY 1, 2
ORDER BY day
