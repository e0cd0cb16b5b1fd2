-- One row per stay of a participant in one component of a meeting: its focus or one of its
-- conferencing servers (`component`: focus, chat, audio-video, ...). `conference_time` and
-- `conference_seq` are the key of cdr.conferences. `role` is known for the focus alone,
-- `by_telephone` for the servers.
WITH stays AS (
  SELECT
    j.SessionIdTime  AS conference_time,
    j.SessionIdSeq   AS conference_seq,
    j.UserId         AS user_id,
    'focus'          AS component,
    r.Role           AS role,
    NULL             AS by_telephone,
    j.IsUserInternal AS inside,
    j.UserJoinTime   AS joined,
    j.UserLeaveTime  AS left_at,
    j.ClientVerId    AS client_id
  FROM LcsCDR.dbo.FocusJoinsAndLeaves j
  LEFT JOIN LcsCDR.dbo.Roles r ON r.RoleId = j.UserRole
  UNION ALL
  SELECT
    j.SessionIdTime  AS conference_time,
    j.SessionIdSeq   AS conference_seq,
    j.UserId         AS user_id,
    replace(m.McuUriType, 'conf:', '') AS component,
    NULL             AS role,
    j.IsFromPstn     AS by_telephone,
    NULL             AS inside,
    j.UserJoinTime   AS joined,
    j.UserLeaveTime  AS left_at,
    j.ClientVerId    AS client_id
  FROM LcsCDR.dbo.McuJoinsAndLeaves j
  LEFT JOIN LcsCDR.dbo.McusView m ON m.McuId = j.McuId
)
SELECT
  s.conference_time,
  s.conference_seq,
  i.person,
  i.kind           AS person_kind,
  s.component,
  s.role,
  s.by_telephone,
  s.inside,
  s.joined,
  s.left_at,
  CAST(round(date_part('epoch', s.left_at) - date_part('epoch', s.joined)) AS BIGINT) AS seconds,
  c.Version        AS client,
  c.ClientCategory AS client_kind
FROM stays s
LEFT JOIN cdr.identities i ON i.source = 'LcsCDR' AND i.user_id = s.user_id
LEFT JOIN LcsCDR.dbo.ClientVersionsView c ON c.VersionId = s.client_id
