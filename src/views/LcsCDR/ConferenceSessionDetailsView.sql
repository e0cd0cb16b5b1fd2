-- Sessions of one participant with a conference's focus or one of its servers, as Microsoft
-- documents it.
SELECT
  s.SessionIdTime,
  s.SessionIdSeq,
  s.InviteTime,
  k.ConferenceUri,
  k.ConferenceUriType,
  s.ConfInstance,
  m.ConferenceUri     AS McuConferenceUri,
  m.ConferenceUriType AS McuConferenceUriType,
  u.UserUri,
  u.UriType           AS UserUriType,
  u.TenantKey         AS UserTenant,
  s.UserEndpointId,
  s.SessionEndTime    AS EndTime,
  cv.Version          AS ConferenceClientVersion,
  cv.ClientType       AS ConferenceClientType,
  cv.ClientCategory   AS ConferenceCategory,
  uv.Version          AS UserClientVersion,
  uv.ClientType       AS UserClientType,
  uv.ClientCategory   AS UserClientCategory,
  b.UserUri           AS OnBehalfOfUri,
  b.UriType           AS OnBehalfOfUriType,
  b.TenantKey         AS OnBehalfOfTenant,
  r.UserUri           AS ReferredByUri,
  r.UriType           AS ReferredByUriType,
  r.TenantKey         AS ReferredByUriTenant,
  TRY_CAST(d.ExternalId AS VARCHAR) AS DialogId,
  s.ReplaceDialogIdTime,
  s.ReplaceDialogIdSeq,
  TRY_CAST(x.ExternalId AS VARCHAR) AS ReplacesDialogId,
  s.IsStartedByConfServer,
  s.IsEndedByConfServer,
  s.IsUserInternal,
  s.ResponseTime,
  s.ResponseCode,
  s.DiagnosticId,
  c.ContentType,
  h.ServerFQDN        AS FrontEnd,
  p.PoolFQDN          AS Pool,
  n.MediationServer,
  g.Gateway,
  e.EdgeServer,
  s.UserFlag,
  s.CallFlag
FROM LcsCDR.dbo.ConferenceSessionDetails s
LEFT JOIN LcsCDR.dbo.ConferenceUrisView k ON k.ConferenceUriId = s.ConferenceUriId
LEFT JOIN LcsCDR.dbo.ConferenceUrisView m ON m.ConferenceUriId = s.McuConferenceUriId
LEFT JOIN LcsCDR.dbo.UserView u ON u.UserId = s.UserId
LEFT JOIN LcsCDR.dbo.UserView b ON b.UserId = s.OnBehalfOfId
LEFT JOIN LcsCDR.dbo.UserView r ON r.UserId = s.ReferredById
LEFT JOIN LcsCDR.dbo.ClientVersionsView cv ON cv.VersionId = s.ConfClientVersionId
LEFT JOIN LcsCDR.dbo.ClientVersionsView uv ON uv.VersionId = s.UserClientVersionId
LEFT JOIN LcsCDR.dbo.ContentTypes c ON c.ContentTypeId = s.ContentTypeId
LEFT JOIN LcsCDR.dbo.Servers h ON h.ServerId = s.ServerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = s.PoolId
LEFT JOIN LcsCDR.dbo.MediationServers n ON n.MediationServerId = s.MediationServerId
LEFT JOIN LcsCDR.dbo.Gateways g ON g.GatewayId = s.GatewayId
LEFT JOIN LcsCDR.dbo.EdgeServers e ON e.EdgeServerId = s.EdgeServerId
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = s.SessionIdTime
  AND d.SessionIdSeq = s.SessionIdSeq
LEFT JOIN LcsCDR.dbo.Dialogs x
  ON x.SessionIdTime = s.ReplaceDialogIdTime
  AND x.SessionIdSeq = s.ReplaceDialogIdSeq
