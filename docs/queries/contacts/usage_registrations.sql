-- Sign-ins by period (Microsoft's User Registration Report).
-- Successful ones, inside and outside; `users` signed in at least once, `active_users` took part in a
-- session or a meeting. No limit on rows, and periods are complete.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
-- $unit: hour, day, week or month, such as week
-- $tz: whose clock periods follow, such as Europe/Berlin
WITH signed_in AS (
  SELECT
    coarsen_time(started, $unit, $tz)     AS period,
    count(*)                               AS sign_ins,
    count(CASE WHEN inside THEN 1 END)     AS inside,
    count(CASE WHEN NOT inside THEN 1 END) AS outside,
    count(DISTINCT person)                 AS users
  FROM cdr.registrations
  WHERE started >= $from
    AND started < $to
    AND response_code BETWEEN 200 AND 299
  GROUP BY 1
),
taking_part AS (
  SELECT coarsen_time(started, $unit, $tz) AS period, caller AS person
  FROM cdr.calls
  WHERE caller_kind = 'employee'
    AND started >= $from
    AND started < $to
  UNION ALL
  SELECT coarsen_time(started, $unit, $tz) AS period, callee AS person
  FROM cdr.calls
  WHERE callee_kind = 'employee'
    AND answered IS NOT NULL
    AND started >= $from
    AND started < $to
  UNION ALL
  SELECT coarsen_time(joined, $unit, $tz) AS period, person
  FROM cdr.participations
  WHERE person_kind = 'employee'
    AND joined >= $from
    AND joined < $to
),
active AS (
  SELECT period, count(DISTINCT person) AS active_users
  FROM taking_part
  GROUP BY period
)
SELECT
  s.period,
  s.sign_ins,
  s.inside,
  s.outside,
  s.users,
  coalesce(a.active_users, 0) AS active_users
FROM signed_in s
LEFT JOIN active a ON a.period = s.period
ORDER BY s.period
