-- Application sharing at a glance, by kind of call and between sites.
-- How many streams, the share of poor ones, jitter, one-way delay, and what became of the tiles that
-- the picture is made of: how long one took, how many were overtaken by newer ones (spoiled). A line
-- without sites is the kind of call as a whole; the others are its pairs of sites.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH streams AS (
  SELECT
    *,
    least(coalesce(caller_site, 'outside'), coalesce(callee_site, 'outside'))    AS site,
    greatest(coalesce(caller_site, 'outside'), coalesce(callee_site, 'outside')) AS other_site
  FROM cdr.sharing_streams
  WHERE reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
)
SELECT
  call_kind,
  site,
  other_site,
  count(*)                                   AS streams,
  round(100 * poor_stream_ratio(verdict), 2) AS poor_pct,
  round(avg(jitter_ms), 1)                   AS jitter_ms,
  round(avg(one_way_s), 3)                   AS one_way_s,
  round(avg(tile_latency_ms), 1)             AS tile_latency_ms,
  round(max(tile_latency_max_ms), 1)         AS tile_latency_max_ms,
  round(avg(spoiled_tile_pct), 2)            AS spoiled_tile_pct,
  round(avg(incoming_fps), 1)                AS incoming_fps,
  round(avg(outgoing_fps), 1)                AS outgoing_fps
FROM streams
GROUP BY GROUPING SETS ((call_kind), (call_kind, site, other_site))
ORDER BY call_kind, site NULLS FIRST, streams DESC, other_site
