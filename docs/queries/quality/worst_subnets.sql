-- Subnets that are worse this week than they usually are.
-- Mean jitter, loss and round trip of what each subnet received in the week from $week, against the
-- time before it; `z` is the difference in standard errors (Welch). Listed are those beyond $z with
-- enough streams in the week, the surest first.
-- $week: first day of the week, such as 2014-03-24
-- $since: first day of the baseline, such as 2014-02-10
-- $least: fewest streams in the week, such as 20
-- $z: standard errors from which on a difference counts, such as 4
WITH received AS (
  SELECT
    receiver_subnet                        AS subnet,
    (reported >= CAST($week AS TIMESTAMP)) AS this_week,
    jitter_ms,
    100 * loss_ratio                       AS loss_pct,
    round_trip_ms
  FROM cdr.flows
  WHERE inbound
    AND reported >= CAST($since AS TIMESTAMP)
    AND reported < CAST($week AS TIMESTAMP) + INTERVAL '7 days'
),
measured AS (
  SELECT subnet, this_week, 'jitter_ms' AS metric, jitter_ms AS x FROM received
  UNION ALL
  SELECT subnet, this_week, 'loss_pct' AS metric, loss_pct AS x FROM received
  UNION ALL
  SELECT subnet, this_week, 'round_trip_ms' AS metric, round_trip_ms AS x FROM received
),
compared AS (
  SELECT
    subnet,
    metric,
    count(x) FILTER (WHERE this_week)        AS streams,
    count(x) FILTER (WHERE NOT this_week)    AS streams_before,
    avg(x) FILTER (WHERE this_week)          AS mean,
    avg(x) FILTER (WHERE NOT this_week)      AS mean_before,
    var_samp(x) FILTER (WHERE this_week)     AS variance,
    var_samp(x) FILTER (WHERE NOT this_week) AS variance_before
  FROM measured
  GROUP BY subnet, metric
),
judged AS (
  SELECT
    *,
    (mean - mean_before) / nullif(sqrt(variance / streams + variance_before / streams_before), 0) AS welch
  FROM compared
)
SELECT
  j.subnet,
  n.description,
  j.metric,
  j.streams,
  round(j.mean, 2)        AS this_week,
  round(j.mean_before, 2) AS baseline,
  round(j.welch, 1)       AS z
FROM judged j
LEFT JOIN cdr.subnets n ON n.subnet = j.subnet
WHERE j.streams >= CAST($least AS INT)
  AND j.welch >= CAST($z AS DOUBLE)
ORDER BY j.welch DESC
