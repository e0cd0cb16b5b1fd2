-- How a metric is spread over streams: what its mean hides.
-- Received audio streams by bucket of jitter, round trip, loss and degradation, with the share of each
-- bucket and of all up to it; then, for the whole metric, mean, median and 95th percentile. Nine calls
-- of 50 ms and one of 4,550 ms have a mean of 500 ms, which not one of them had.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH received AS (
  SELECT jitter_ms, round_trip_ms, loss_ratio, degradation_mos
  FROM cdr.streams
  WHERE inbound
    AND reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
measured AS (
  SELECT 'jitter_ms' AS metric, jitter_bucket_ord(jitter_ms) AS place, jitter_bucket(jitter_ms) AS bucket, jitter_ms AS x
  FROM received
  UNION ALL
  SELECT 'round_trip_ms' AS metric, rtt_bucket_ord(round_trip_ms) AS place, rtt_bucket(round_trip_ms) AS bucket, round_trip_ms AS x
  FROM received
  UNION ALL
  SELECT 'loss_ratio' AS metric, loss_bucket_ord(loss_ratio) AS place, loss_bucket(loss_ratio) AS bucket, loss_ratio AS x
  FROM received
  UNION ALL
  SELECT 'degradation_mos' AS metric, degradation_bucket_ord(degradation_mos) AS place, degradation_bucket(degradation_mos) AS bucket, degradation_mos AS x
  FROM received
),
buckets AS (
  SELECT metric, place, bucket, count(*) AS streams
  FROM measured
  WHERE place IS NOT NULL
  GROUP BY metric, place, bucket
),
metrics AS (
  SELECT
    metric,
    avg(x)                                  AS mean,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(x AS DOUBLE))  AS median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(x AS DOUBLE)) AS p95
  FROM measured
  WHERE place IS NOT NULL
  GROUP BY metric
)
SELECT
  b.metric,
  b.bucket,
  b.streams,
  round(100.0 * b.streams / sum(b.streams) OVER (PARTITION BY b.metric), 1) AS pct,
  round(100.0 * sum(b.streams) OVER (PARTITION BY b.metric ORDER BY b.place)
    / sum(b.streams) OVER (PARTITION BY b.metric), 1)                       AS pct_up_to,
  round(m.mean, 4)   AS mean,
  round(m.median, 4) AS median,
  round(m.p95, 4)    AS p95
FROM buckets b
JOIN metrics m ON m.metric = b.metric
ORDER BY b.metric, b.place
