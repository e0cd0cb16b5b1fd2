-- Meetings by pool and server (Microsoft's Conference Activity Report).
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  c.pool,
  p.component,
  count(DISTINCT p.conference_time)       AS conferences,
  count(*)                                AS stays,
  count(DISTINCT p.person)                AS people,
  round(sum(p.seconds) / 60.0, 1)         AS participant_minutes,
  count(CASE WHEN p.by_telephone THEN 1 END) AS stays_by_telephone
FROM cdr.participations p
JOIN cdr.conferences c
  ON c.conference_time = p.conference_time
  AND c.conference_seq = p.conference_seq
WHERE p.conference_time >= $from
  AND p.conference_time < $to
GROUP BY
  c.pool,
  p.component
ORDER BY conferences DESC, c.pool, p.component
