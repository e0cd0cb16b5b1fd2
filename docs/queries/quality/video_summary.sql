-- Video quality at a glance, between sites.
-- Streams and the share of poor ones by the rule set lync2013, with mean bit rate, frame rate and what
-- was lost, for each pair of sites, whichever way it went.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
SELECT
  least(coalesce(caller_site, 'outside'), coalesce(callee_site, 'outside'))    AS site,
  greatest(coalesce(caller_site, 'outside'), coalesce(callee_site, 'outside')) AS other_site,
  count(*)                                                                     AS streams,
  round(avg(bit_rate) / 1000)                                                  AS kbps,
  round(avg(low_bit_rate_pct), 2)                                              AS low_bit_rate_pct,
  round(avg(low_frame_rate_pct), 2)                                            AS low_frame_rate_pct,
  round(avg(inbound_fps), 1)                                                   AS inbound_fps,
  round(avg(outbound_fps), 1)                                                  AS outbound_fps,
  round(avg(local_frame_loss_pct), 2)                                          AS frame_loss_pct,
  round(100 * avg(video_loss_ratio), 2)                                        AS loss_pct
FROM cdr.video_streams
WHERE reported >= CAST($from AS TIMESTAMP)
  AND reported < CAST($until AS TIMESTAMP)
GROUP BY 1, 2
ORDER BY streams DESC
