-- Files sent between two parties, as Microsoft documents it: the columns of SessionDetailsView and
-- the file with its fate.
SELECT
  m.SessionIdTime,
  m.SessionIdSeq,
  s.* EXCLUDE (SessionIdTime, SessionIdSeq),
  m.FileName,
  m.Cookie,
  m.FileIdentity,
  m.Accept,
  m.Reject,
  m.Cancel
FROM LcsCDR.dbo.FileTransfers m
LEFT JOIN LcsCDR.dbo.SessionDetailsView s
  ON s.SessionIdTime = m.SessionIdTime
  AND s.SessionIdSeq = m.SessionIdSeq
