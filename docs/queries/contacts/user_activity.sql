-- All that people did (Microsoft's User Activity Report, for the help desk).
-- Sessions and stays in meetings of everybody whose address begins with $prefix, without the limit of
-- a thousand rows.
-- $prefix: the beginning of an address, such as otto.w
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  started                     AS at,
  caller                      AS person,
  callee                      AS counterpart,
  kind                        AS what,
  'started'                   AS part,
  seconds,
  response_code,
  diagnostic_id,
  id                          AS source
FROM cdr.calls
WHERE starts_with(caller, lower($prefix))
  AND started >= $from
  AND started < $to
UNION ALL
SELECT
  started                     AS at,
  callee                      AS person,
  caller                      AS counterpart,
  kind                        AS what,
  'received'                  AS part,
  seconds,
  response_code,
  diagnostic_id,
  id                          AS source
FROM cdr.calls
WHERE starts_with(callee, lower($prefix))
  AND started >= $from
  AND started < $to
UNION ALL
SELECT
  p.joined                    AS at,
  p.person,
  c.organizer                 AS counterpart,
  concat('meeting ', p.component) AS what,
  coalesce(p.role, 'Participant') AS part,
  p.seconds,
  NULL                        AS response_code,
  NULL                        AS diagnostic_id,
  c.uri                       AS source
FROM cdr.participations p
JOIN cdr.conferences c
  ON c.conference_time = p.conference_time
  AND c.conference_seq = p.conference_seq
WHERE starts_with(p.person, lower($prefix))
  AND p.joined >= $from
  AND p.joined < $to
ORDER BY at, source, person
