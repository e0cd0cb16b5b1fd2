-- One meeting and everybody in it (Microsoft's Conference Detail Report).
-- $uri: that of cdr.conferences, or a part of it, such as focus:id:45CE89CE
SELECT
  c.uri,
  c.pool,
  c.started,
  c.ended,
  c.organizer,
  p.person,
  p.component,
  p.role,
  p.inside,
  p.by_telephone,
  p.joined,
  p.left_at,
  p.seconds,
  p.client
FROM cdr.conferences c
JOIN cdr.participations p
  ON p.conference_time = c.conference_time
  AND p.conference_seq = c.conference_seq
WHERE c.uri LIKE concat('%', $uri, '%')
ORDER BY p.joined, p.person, p.component
