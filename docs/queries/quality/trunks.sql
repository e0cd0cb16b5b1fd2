-- Calls at the same time per gateway, and the trunks that they take.
-- Answered calls through each gateway, in and out: the most at once, the hour with the most traffic
-- (erlangs), the trunks that lose at most the share $blocking of calls in such an hour (Erlang B), and
-- the share that as many trunks as the busiest moment needed would lose.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $blocking: share of calls that may find all trunks busy, such as 0.01
WITH carried AS (
  SELECT caller_gateway AS gateway, answered, ended, seconds
  FROM cdr.calls
  WHERE caller_gateway IS NOT NULL
    AND started >= CAST($from AS TIMESTAMP)
    AND started < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT callee_gateway AS gateway, answered, ended, seconds
  FROM cdr.calls
  WHERE callee_gateway IS NOT NULL
    AND started >= CAST($from AS TIMESTAMP)
    AND started < CAST($until AS TIMESTAMP)
),
loads AS (
  SELECT
    gateway,
    count(answered)                    AS calls,
    sum(seconds)                       AS seconds,
    concurrent_peak(answered, ended)   AS peak,
    busy_hour_erlangs(answered, ended) AS busy_hour
  FROM carried
  GROUP BY gateway
),
busy AS (
  SELECT
    *,
    get_field(busy_hour, 'hour_start') AS hour_start,
    get_field(busy_hour, 'erlangs')    AS erlangs
  FROM loads
)
SELECT
  gateway,
  calls,
  round(seconds / 60.0, 1)                                AS minutes,
  peak,
  hour_start                                              AS busy_hour,
  round(erlangs, 2)                                       AS erlangs,
  trunks_required(erlangs, CAST($blocking AS DOUBLE))     AS trunks,
  round(100 * erlang_b(erlangs, peak), 2)                 AS lost_with_peak_pct
FROM busy
ORDER BY gateway
