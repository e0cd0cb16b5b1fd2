-- Video quality at a glance, by kind of call and between sites.
-- How many streams, the share of poor ones by the rule set lync2013, mean bit rate and frame rates, and
-- what was lost or frozen. A line without sites is the kind of call as a whole; the others are its
-- pairs of sites, whichever way the video went.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH streams AS (
  SELECT
    *,
    least(coalesce(caller_site, 'outside'), coalesce(callee_site, 'outside'))    AS site,
    greatest(coalesce(caller_site, 'outside'), coalesce(callee_site, 'outside')) AS other_site
  FROM cdr.video_streams
  WHERE reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
)
SELECT
  call_kind,
  site,
  other_site,
  count(*)                                            AS streams,
  round(100 * poor_stream_ratio(verdict_lync2013), 2) AS poor_pct,
  round(avg(bit_rate) / 1000, 1)                      AS kbps,
  round(avg(low_bit_rate_pct), 2)                     AS low_bit_rate_pct,
  round(avg(low_frame_rate_pct), 2)                   AS low_frame_rate_pct,
  round(avg(inbound_fps), 1)                          AS inbound_fps,
  round(avg(outbound_fps), 1)                         AS outbound_fps,
  round(100 * avg(frame_loss_ratio), 2)               AS frozen_frames_pct,
  round(avg(local_frame_loss_pct), 2)                 AS frame_loss_pct,
  round(100 * avg(video_loss_ratio), 2)               AS loss_pct,
  round(100 * avg(loss_after_fec_ratio), 2)           AS loss_after_fec_pct
FROM streams
GROUP BY GROUPING SETS ((call_kind), (call_kind, site, other_site))
ORDER BY call_kind, site NULLS FIRST, streams DESC, other_site
