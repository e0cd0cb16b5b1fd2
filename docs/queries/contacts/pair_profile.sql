-- How two people are in touch.
-- Sessions between $a and $b by medium: how many each way, how long, how many were answered, first
-- and last.
-- $a: a person as in cdr.people, such as anna.lindqvist@contoso.com
-- $b: the other, such as bruno.keller@contoso.com
SELECT
  kind,
  count(*)                                   AS sessions,
  count(CASE WHEN a = lower($a) THEN 1 END)  AS started_by_a,
  count(CASE WHEN a = lower($b) THEN 1 END)  AS started_by_b,
  count(CASE WHEN answered THEN 1 END)       AS answered,
  sum(seconds)                               AS seconds,
  min(start)                                 AS first_start,
  max(start)                                 AS last_start
FROM cdr.contacts
WHERE pair_lo(a, b) = pair_lo(lower($a), lower($b))
  AND pair_hi(a, b) = pair_hi(lower($a), lower($b))
GROUP BY kind
ORDER BY sessions DESC, kind
