-- The bandwidth that media took, by hour and path: one row per hour, medium, and pair of subnets with
-- their sites, in the direction that the stream went. A stream counts in every hour that it touches,
-- by the seconds it spent there. `kbps` is the mean over the hour: audio by the planning figure of its
-- codec (see audio_bandwidth_kbps), video by the bit rate that was measured. `unrated` counts streams
-- of which neither is known; they add nothing.
WITH streams AS (
  SELECT
    'audio' AS medium,
    reported, started, ended, direction,
    caller_subnet, callee_subnet, caller_site, callee_site,
    -- RTAudio has one payload name for two rates.
    coalesce(
      audio_bandwidth_kbps(codec, coalesce(fec, false)),
      audio_bandwidth_kbps(concat(codec, '/', sample_rate_hz), coalesce(fec, false))
    ) AS kbps
  FROM cdr.streams
  UNION ALL
  SELECT
    'video' AS medium,
    reported, started, ended, direction,
    caller_subnet, callee_subnet, caller_site, callee_site,
    bit_rate / 1000.0 AS kbps
  FROM cdr.video_streams
),
hours AS (
  SELECT
    *,
    unnest(range(date_trunc('hour', started), ended, INTERVAL '1 hour')) AS hour
  FROM streams
  WHERE ended > started
),
spent AS (
  SELECT
    *,
    date_part('epoch', least(ended, hour + INTERVAL '1 hour')) - date_part('epoch', greatest(started, hour)) AS seconds
  FROM hours
)
SELECT
  hour,
  medium,
  CASE WHEN direction = 'caller to callee' THEN caller_site ELSE callee_site END     AS from_site,
  CASE WHEN direction = 'caller to callee' THEN callee_site ELSE caller_site END     AS to_site,
  CASE WHEN direction = 'caller to callee' THEN caller_subnet ELSE callee_subnet END AS from_subnet,
  CASE WHEN direction = 'caller to callee' THEN callee_subnet ELSE caller_subnet END AS to_subnet,
  count(*)                                     AS streams,
  count(CASE WHEN kbps IS NULL THEN 1 END)     AS unrated,
  sum(seconds) / 3600                          AS erlangs,
  coalesce(sum(kbps * seconds), 0) / 3600      AS kbps
FROM spent
GROUP BY 1, 2, 3, 4, 5, 6
