-- The modalities of sessions between two parties, one row each, as Microsoft documents it: the
-- columns of SessionDetailsView and the medium with its times.
SELECT
  m.SessionIdTime,
  m.SessionIdSeq,
  s.* EXCLUDE (SessionIdTime, SessionIdSeq),
  k.Media,
  m.StartTime AS MediaStartTime,
  m.EndTime   AS MediaEndTime
FROM LcsCDR.dbo.Media m
LEFT JOIN LcsCDR.dbo.MediaList k ON k.MediaId = m.MediaId
LEFT JOIN LcsCDR.dbo.SessionDetailsView s
  ON s.SessionIdTime = m.SessionIdTime
  AND s.SessionIdSeq = m.SessionIdSeq
