-- Joins of conferencing servers as the base of reports: the table's columns, the kind of server as
-- UriType (conf:chat, conf:audio-video, ...) and IsFromPstn.
SELECT
  j.SessionIdTime,
  j.SessionIdSeq,
  j.UserId,
  u.UserUri,
  j.McuUserInstance,
  j.IsFromPstn,
  j.McuId,
  m.McuUri,
  m.McuUriType AS UriType,
  j.DialogSessionIdTime,
  j.DialogSessionIdSeq,
  j.UserJoinTime,
  j.UserLeaveTime,
  j.ClientVerId,
  j.LastModifiedTime
FROM LcsCDR.dbo.McuJoinsAndLeaves j
LEFT JOIN LcsCDR.dbo.McusView m ON m.McuId = j.McuId
LEFT JOIN LcsCDR.dbo.Users u ON u.UserId = j.UserId
