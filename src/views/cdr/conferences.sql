-- One row per meeting occurrence: when, whose, and how it was used. `participants` are distinct users
-- at the focus; `participant_seconds` their time there, `audio_video_seconds` that on the audio and
-- video server; `telephone_participants` those who dialled in. Filter on `conference_time`.
SELECT
  c.SessionIdTime                     AS conference_time,
  c.SessionIdSeq                      AS conference_seq,
  c.ConferenceStartTime               AS started,
  c.ConferenceEndTime                 AS ended,
  CAST(round(date_part('epoch', c.ConferenceEndTime) - date_part('epoch', c.ConferenceStartTime)) AS BIGINT) AS seconds,
  u.ConferenceUri                     AS uri,
  c.ConfInstance                      AS instance,
  o.person                            AS organizer,
  p.PoolFQDN                          AS pool,
  coalesce(f.participants, 0)         AS participants,
  coalesce(f.seconds, 0)              AS participant_seconds,
  coalesce(m.telephone, 0)            AS telephone_participants,
  coalesce(m.audio_video_seconds, 0)  AS audio_video_seconds,
  coalesce(m.chat, false)             AS chat,
  coalesce(m.audio_video, false)      AS audio_video,
  coalesce(m.app_sharing, false)      AS app_sharing,
  coalesce(n.messages, 0)             AS messages,
  ((c.Flag & 1) <> 0)                 AS synthetic
FROM LcsCDR.dbo.Conferences c
LEFT JOIN LcsCDR.dbo.ConferenceUris u ON u.ConferenceUriId = c.ConferenceUriId
LEFT JOIN cdr.identities o ON o.source = 'LcsCDR' AND o.user_id = c.OrganizerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = c.PoolId
LEFT JOIN (
  SELECT
    SessionIdTime,
    SessionIdSeq,
    count(DISTINCT UserId) AS participants,
    CAST(round(sum(date_part('epoch', UserLeaveTime) - date_part('epoch', UserJoinTime))) AS BIGINT) AS seconds
  FROM LcsCDR.dbo.FocusJoinsAndLeaves
  GROUP BY
    SessionIdTime,
    SessionIdSeq
) f ON f.SessionIdTime = c.SessionIdTime AND f.SessionIdSeq = c.SessionIdSeq
LEFT JOIN (
  SELECT
    j.SessionIdTime,
    j.SessionIdSeq,
    count(DISTINCT CASE WHEN j.IsFromPstn THEN j.UserId END) AS telephone,
    CAST(round(sum(
      CASE WHEN k.McuUriType = 'conf:audio-video' THEN date_part('epoch', j.UserLeaveTime) - date_part('epoch', j.UserJoinTime) END
    )) AS BIGINT)                                    AS audio_video_seconds,
    bool_or(k.McuUriType = 'conf:chat')               AS chat,
    bool_or(k.McuUriType = 'conf:audio-video')        AS audio_video,
    bool_or(k.McuUriType = 'conf:applicationsharing') AS app_sharing
  FROM LcsCDR.dbo.McuJoinsAndLeaves j
  LEFT JOIN LcsCDR.dbo.McusView k ON k.McuId = j.McuId
  GROUP BY
    j.SessionIdTime,
    j.SessionIdSeq
) m ON m.SessionIdTime = c.SessionIdTime AND m.SessionIdSeq = c.SessionIdSeq
LEFT JOIN (
  SELECT
    SessionIdTime,
    SessionIdSeq,
    sum(MessageCount) AS messages
  FROM LcsCDR.dbo.ConferenceMessageCount
  GROUP BY
    SessionIdTime,
    SessionIdSeq
) n ON n.SessionIdTime = c.SessionIdTime AND n.SessionIdSeq = c.SessionIdSeq
