-- How many messages each participant wrote in a conference, as Microsoft documents it: the columns
-- of ConferenceSessionDetailsView and the count. The counts hang on the conference, not on one of
-- its sessions: shown beside them is the participant's first session with its chat server. All but
-- the user and the count are null where there is none.
SELECT
  s.SessionIdTime,
  s.SessionIdSeq,
  s.InviteTime,
  s.ConferenceUri,
  s.ConferenceUriType,
  s.ConfInstance,
  s.McuConferenceUri,
  s.McuConferenceUriType,
  s.UserEndpointId,
  s.EndTime,
  s.ConferenceClientVersion,
  s.ConferenceClientType,
  s.ConferenceCategory,
  s.UserClientVersion,
  s.UserClientType,
  s.UserClientCategory,
  s.OnBehalfOfUri,
  s.OnBehalfOfUriType,
  s.OnBehalfOfTenant,
  s.ReferredByUri,
  s.ReferredByUriType,
  s.ReferredByUriTenant,
  s.DialogId,
  s.ReplaceDialogIdTime,
  s.ReplaceDialogIdSeq,
  s.ReplacesDialogId,
  s.IsStartedByConfServer,
  s.IsEndedByConfServer,
  s.IsUserInternal,
  s.ResponseTime,
  s.ResponseCode,
  s.DiagnosticId,
  s.ContentType,
  s.FrontEnd,
  s.Pool,
  s.MediationServer,
  s.Gateway,
  s.EdgeServer,
  s.UserFlag,
  s.CallFlag,
  u.UserUri,
  u.UriType      AS UserUriType,
  u.TenantKey    AS UserTenant,
  m.MessageCount AS UserMessageCount
FROM LcsCDR.dbo.ConferenceMessageCount m
LEFT JOIN LcsCDR.dbo.UserView u ON u.UserId = m.UserId
LEFT JOIN LcsCDR.dbo.Conferences c
  ON c.SessionIdTime = m.SessionIdTime
  AND c.SessionIdSeq = m.SessionIdSeq
LEFT JOIN (
  SELECT
    l.ConferenceUriId,
    l.ConfInstance,
    l.UserId,
    min(l.SessionIdTime)                                                  AS first_time,
    first_value(l.SessionIdSeq ORDER BY l.SessionIdTime, l.SessionIdSeq) AS first_seq
  FROM LcsCDR.dbo.ConferenceSessionDetails l
  JOIN LcsCDR.dbo.ConferenceUrisView k ON k.ConferenceUriId = l.McuConferenceUriId
  WHERE k.ConferenceUriType = 'conf:chat'
  GROUP BY
    l.ConferenceUriId,
    l.ConfInstance,
    l.UserId
) chat
  ON chat.ConferenceUriId = c.ConferenceUriId
  AND chat.ConfInstance = c.ConfInstance
  AND chat.UserId = m.UserId
LEFT JOIN LcsCDR.dbo.ConferenceSessionDetailsView s
  ON s.SessionIdTime = chat.first_time
  AND s.SessionIdSeq = chat.first_seq
