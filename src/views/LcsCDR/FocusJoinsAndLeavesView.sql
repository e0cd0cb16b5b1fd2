-- Who joined and left the focus of a conference, as Microsoft documents it. SessionIdTime and
-- SessionIdSeq are the conference's key; DialogSessionIdTime and -Seq the participant's.
SELECT
  j.SessionIdTime,
  j.SessionIdSeq,
  u.UserUri,
  u.UriType        AS UserUriType,
  u.TenantKey      AS UserTenant,
  j.UserEndpointId,
  v.Version        AS UserClientVersion,
  v.ClientType     AS UserClientType,
  v.ClientCategory AS UserClientCategory,
  j.FocusUserInstance,
  j.IsUserInternal AS IsuserInternal,
  j.DialogSessionIdTime,
  j.DialogSessionIdSeq,
  TRY_CAST(d.ExternalId AS VARCHAR) AS DialogId,
  j.UserJoinTime,
  j.UserLeaveTime,
  r.Role           AS UserRole
FROM LcsCDR.dbo.FocusJoinsAndLeaves j
LEFT JOIN LcsCDR.dbo.UserView u ON u.UserId = j.UserId
LEFT JOIN LcsCDR.dbo.ClientVersionsView v ON v.VersionId = j.ClientVerId
LEFT JOIN LcsCDR.dbo.Roles r ON r.RoleId = j.UserRole
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = j.DialogSessionIdTime
  AND d.SessionIdSeq = j.DialogSessionIdSeq
