-- The events of contact analysis: one row per session between two known parties, `a` who started it
-- and `b` the other, as keys of cdr.people. `id` is that of cdr.calls; `kind` video, audio, sharing,
-- file or im; `seconds` 0 where not answered. Anonymous parties are left out: they are not one
-- person. Meetings are in cdr.participations.
SELECT
  concat(to_char(s.session_time, '%Y-%m-%dT%H:%M:%S%.3f'), '/', s.session_seq) AS id,
  f.person                 AS a,
  t.person                 AS b,
  s.session_time           AS start,
  s.seconds,
  s.kind,
  (s.answered IS NOT NULL) AS answered
FROM cdr.sessions s
JOIN cdr.identities f ON f.user_id = s.from_id
JOIN cdr.identities t ON t.user_id = s.to_id
WHERE f.source = 'LcsCDR'
  AND t.source = 'LcsCDR'
  AND f.person IS NOT NULL
  AND t.person IS NOT NULL
