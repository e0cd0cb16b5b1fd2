-- Whom of us did an outside party reach.
-- Everybody with whom one person had an answered session, by number of sessions.
-- $person: as in cdr.people, such as d.whitfield@wideworldimporters.com
SELECT
  CASE WHEN a = lower($person) THEN b ELSE a END AS reached,
  count(*)                                       AS sessions,
  sum(seconds)                                   AS seconds,
  min(start)                                     AS first_start,
  max(start)                                     AS last_start
FROM cdr.contacts
WHERE answered
  AND (a = lower($person) OR b = lower($person))
GROUP BY 1
ORDER BY sessions DESC, reached
