-- Links whose jitter or loss grows, day by day.
-- A link is a pair of sites, or the access of one subnet. Its series is the mean of what was received
-- over it on each day with enough streams. The test is the seasonal Mann-Kendall test with the days of
-- the week as seasons, so that a link which is full every Monday does not pass for getting worse;
-- `per_week` is Sen's slope within them. Listed is what grows, and by chance only with a probability
-- below $p, the surest first.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $least: fewest streams a day, such as 3
-- $days: fewest days, such as 20
-- $p: probability, such as 0.001
WITH received AS (
  SELECT
    CAST(started AS DATE) AS day,
    receiver_subnet       AS subnet,
    CASE WHEN sender_site <> receiver_site
      THEN concat(least(sender_site, receiver_site), ' - ', greatest(sender_site, receiver_site))
    END                   AS sites,
    jitter_ms,
    100 * loss_ratio      AS loss_pct
  FROM cdr.flows
  WHERE inbound
    AND reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
measured AS (
  SELECT subnet AS link, 'jitter_ms' AS metric, day, jitter_ms AS x FROM received
  UNION ALL
  SELECT subnet AS link, 'loss_pct' AS metric, day, loss_pct AS x FROM received
  UNION ALL
  SELECT sites AS link, 'jitter_ms' AS metric, day, jitter_ms AS x FROM received
  UNION ALL
  SELECT sites AS link, 'loss_pct' AS metric, day, loss_pct AS x FROM received
),
daily AS (
  SELECT link, metric, day, avg(x) AS x, count(x) AS streams
  FROM measured
  WHERE link IS NOT NULL
  GROUP BY link, metric, day
  HAVING count(x) >= CAST($least AS INT)
),
tested AS (
  SELECT
    link,
    metric,
    count(*)                                                     AS days,
    sum(streams)                                                 AS streams,
    seasonal_mann_kendall(x, date_part('dow', day) ORDER BY day) AS trend
  FROM daily
  GROUP BY link, metric
  HAVING count(*) >= CAST($days AS INT)
)
SELECT
  t.link,
  n.description,
  t.metric,
  t.days,
  t.streams,
  round(get_field(t.trend, 'slope'), 2) AS per_week,
  round(get_field(t.trend, 'z'), 2)     AS z,
  get_field(t.trend, 'p')               AS p
FROM tested t
LEFT JOIN cdr.subnets n ON n.subnet = t.link
WHERE get_field(t.trend, 'slope') > 0
  AND get_field(t.trend, 'p') < CAST($p AS DOUBLE)
ORDER BY get_field(t.trend, 'z') DESC
