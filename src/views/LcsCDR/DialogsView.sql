-- Every dialog of LcsCDR and, where QoEMetrics reported on it, the key of that report's session.
-- Both databases keep the SIP dialog id; QoEMetrics cuts it at 256 characters. Their session times
-- differ and must not be compared.
SELECT
  d.SessionIdTime      AS LsCDRSessionIdTime,
  d.SessionIdSeq       AS LsCDRSessionIdSeq,
  q.ConferenceDateTime AS QoEMetricsSessionIdTime,
  q.SessionSeq         AS QoEMetricsSessionIdSeq
FROM LcsCDR.dbo.Dialogs d
LEFT JOIN QoEMetrics.dbo.Dialog q
  ON q.DialogID = left(TRY_CAST(d.ExternalId AS VARCHAR), 256)
