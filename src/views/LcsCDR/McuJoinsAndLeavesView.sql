-- Who joined and left a conferencing server, as Microsoft documents it. SessionIdTime and
-- SessionIdSeq are the conference's key; DialogSessionIdTime and -Seq the participant's.
SELECT
  j.SessionIdTime,
  j.SessionIdSeq,
  m.McuUri,
  m.McuUriType,
  u.UserUri,
  u.UriType        AS UserUriType,
  u.TenantKey      AS UserTenant,
  v.Version        AS UserClientVersion,
  v.ClientType     AS UserClientType,
  v.ClientCategory AS UserClientCategory,
  j.McuUserInstance,
  j.IsFromPstn     AS IsUserFromPstn,
  j.DialogSessionIdTime,
  j.DialogSessionIdSeq,
  TRY_CAST(d.ExternalId AS VARCHAR) AS DialogId,
  j.UserJoinTime,
  j.UserLeaveTime
FROM LcsCDR.dbo.McuJoinsAndLeaves j
LEFT JOIN LcsCDR.dbo.McusView m ON m.McuId = j.McuId
LEFT JOIN LcsCDR.dbo.UserView u ON u.UserId = j.UserId
LEFT JOIN LcsCDR.dbo.ClientVersionsView v ON v.VersionId = j.ClientVerId
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = j.DialogSessionIdTime
  AND d.SessionIdSeq = j.DialogSessionIdSeq
