-- Error reports with their definition, parties, session and source, as Microsoft documents it.
SELECT
  r.ErrorTime,
  r.ErrorReportSeq,
  e.MsDiagId,
  f.UserUri          AS FromUri,
  f.UriType          AS FromUriType,
  f.TenantKey        AS FromTenant,
  t.UserUri          AS ToUri,
  t.UriType          AS ToUriType,
  t.TenantKey        AS ToTenant,
  c.ConferenceUri,
  c.ConferenceUriType,
  r.SessionIdTime,
  r.SessionIdSeq,
  TRY_CAST(d.ExternalId AS VARCHAR) AS DialogId,
  v.Version          AS ClientVersion,
  v.ClientType,
  v.ClientCategory,
  o.ServerFQDN       AS Source,
  a.Name             AS Application,
  e.ResponseCode,
  TRY_CAST(e.RequestType AS VARCHAR) AS RequestType,
  TRY_CAST(e.ContentType AS VARCHAR) AS ContentType,
  k.CallType,
  r.TelemetryId,
  r.SessionSetupTime AS SetupTime,
  r.IsCapturedByServer,
  r.Flag,
  TRY_CAST(r.MsDiagHeader AS VARCHAR) AS MsDiagHeader,
  s.ServerFQDN       AS FrontEnd,
  p.PoolFQDN         AS Pool
FROM LcsCDR.dbo.ErrorReport r
LEFT JOIN LcsCDR.dbo.ErrorDef e ON e.ErrorId = r.ErrorId
LEFT JOIN LcsCDR.dbo.CallType k ON k.CallTypeId = e.CallTypeId
LEFT JOIN LcsCDR.dbo.UserView f ON f.UserId = r.FromUserId
LEFT JOIN LcsCDR.dbo.UserView t ON t.UserId = r.ToUserId
LEFT JOIN LcsCDR.dbo.ConferenceUrisView c ON c.ConferenceUriId = r.ConferenceUriId
LEFT JOIN LcsCDR.dbo.ClientVersionsView v ON v.VersionId = r.ClientVersionId
LEFT JOIN LcsCDR.dbo.Servers o ON o.ServerId = r.SourceId
LEFT JOIN LcsCDR.dbo.Application a ON a.ApplicationId = r.ApplicationId
LEFT JOIN LcsCDR.dbo.Servers s ON s.ServerId = r.ServerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = r.PoolId
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = r.SessionIdTime
  AND d.SessionIdSeq = r.SessionIdSeq
