-- Links between sites that are full on some days of the week.
-- For each pair of sites and day of the week: loss against the same link's other days, `z` in standard
-- errors (Welch), how many streams call admission control capped, and the most calls at once. Listed
-- are days beyond $z, the surest first.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $least: fewest streams on that day of the week, such as 20
-- $z: standard errors from which on a difference counts, such as 4
WITH received AS (
  SELECT
    concat(least(sender_site, receiver_site), ' - ', greatest(sender_site, receiver_site)) AS link,
    date_part('dow', started)     AS dow,
    started,
    ended,
    100 * loss_ratio              AS loss_pct,
    (bandwidth_limit IS NOT NULL) AS capped
  FROM cdr.flows
  WHERE inbound
    AND sender_site <> receiver_site
    AND reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
days AS (
  SELECT DISTINCT link, dow
  FROM received
),
compared AS (
  SELECT
    d.link,
    d.dow,
    min(to_char(r.started, '%A')) FILTER (WHERE r.dow = d.dow)       AS weekday,
    count(r.loss_pct) FILTER (WHERE r.dow = d.dow)                   AS streams,
    count(r.loss_pct) FILTER (WHERE r.dow <> d.dow)                  AS other_streams,
    count(*) FILTER (WHERE r.dow = d.dow AND r.capped)               AS capped,
    concurrent_peak(r.started, r.ended) FILTER (WHERE r.dow = d.dow) AS streams_at_once,
    avg(r.loss_pct) FILTER (WHERE r.dow = d.dow)                     AS loss_pct,
    avg(r.loss_pct) FILTER (WHERE r.dow <> d.dow)                    AS other_loss_pct,
    var_samp(r.loss_pct) FILTER (WHERE r.dow = d.dow)                AS variance,
    var_samp(r.loss_pct) FILTER (WHERE r.dow <> d.dow)               AS other_variance
  FROM days d
  JOIN received r ON r.link = d.link
  GROUP BY d.link, d.dow
),
judged AS (
  SELECT
    *,
    (loss_pct - other_loss_pct) / nullif(sqrt(variance / streams + other_variance / other_streams), 0) AS welch
  FROM compared
)
SELECT
  link,
  weekday,
  streams,
  capped,
  streams_at_once,
  round(loss_pct, 2)       AS loss_pct,
  round(other_loss_pct, 2) AS other_days_loss_pct,
  round(welch, 1)          AS z
FROM judged
WHERE streams >= CAST($least AS INT)
  AND welch >= CAST($z AS DOUBLE)
ORDER BY welch DESC
