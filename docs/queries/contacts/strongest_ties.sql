-- The strongest and the fastest growing ties.
-- Pairs by strength: each answered session counts 1 at $until and half as much every 30 days before.
-- `growth` is what the last 30 days have over the 30 before. `reciprocity` and `initiation` as their
-- functions say; order by growth for the fastest growing.
-- $until: the time to look from, such as 2014-04-04
-- $tz: whose days and weeks, such as Europe/Berlin
SELECT
  pair_lo(a, b)                                                   AS one,
  pair_hi(a, b)                                                   AS other,
  round(decay_strength(start, CAST($until AS TIMESTAMP), 30), 3)  AS strength,
  count(CASE WHEN start >= CAST($until AS TIMESTAMP) - INTERVAL '30 days' THEN 1 END)
    - count(CASE WHEN start < CAST($until AS TIMESTAMP) - INTERVAL '30 days'
                  AND start >= CAST($until AS TIMESTAMP) - INTERVAL '60 days' THEN 1 END) AS growth,
  count(*)                                                        AS sessions,
  sum(seconds)                                                    AS seconds,
  active_days(start, $tz)                                         AS active_days,
  active_weeks(start, $tz)                                        AS active_weeks,
  round(reciprocity(pair_dir(a, b)), 3)                           AS reciprocity,
  round(initiation(pair_dir(a, b)), 3)                            AS initiation
FROM cdr.contacts
WHERE answered
  AND a <> b
  AND start < CAST($until AS TIMESTAMP)
GROUP BY
  pair_lo(a, b),
  pair_hi(a, b)
ORDER BY strength DESC, one, other
LIMIT 100
