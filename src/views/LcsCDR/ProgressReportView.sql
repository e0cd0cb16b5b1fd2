-- Progress reports with their sources, as Microsoft documents it; they belong to error reports.
SELECT
  r.ErrorTime,
  r.ErrorReportSeq,
  r.ProgressReportSeq,
  r.MsDiagId,
  s.ServerFQDN AS Source,
  a.Name       AS Application,
  r.TelemetryId,
  r.SessionSetupTime,
  TRY_CAST(r.Detail AS VARCHAR) AS MsDiagHeader
FROM LcsCDR.dbo.ProgressReport r
LEFT JOIN LcsCDR.dbo.Servers s ON s.ServerId = r.SourceId
LEFT JOIN LcsCDR.dbo.Application a ON a.ApplicationId = r.ApplicationId
