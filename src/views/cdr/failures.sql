-- Reports of failed requests: what failed for whom and why. Reports of success, which only tell how
-- long a join took, are not failures and left out. `reason` is read from the diagnostic header.
SELECT
  r.ErrorTime         AS reported,
  r.ErrorReportSeq    AS report_seq,
  e.ResponseCode      AS response_code,
  x.Description       AS response,
  e.MsDiagId          AS diagnostic_id,
  array_element(regexp_match(TRY_CAST(r.MsDiagHeader AS VARCHAR), 'reason="([^"]*)"'), 1) AS reason,
  k.CallType          AS call_type,
  TRY_CAST(e.RequestType AS VARCHAR) AS request,
  f.person            AS from_person,
  t.person            AS to_person,
  u.ConferenceUri     AS conference,
  c.Version           AS client,
  c.ClientCategory    AS client_kind,
  o.ServerFQDN        AS source,
  a.Name              AS component,
  r.IsCapturedByServer AS by_server,
  r.SessionSetupTime  AS setup_ms,
  s.ServerFQDN        AS front_end,
  p.PoolFQDN          AS pool,
  r.SessionIdTime     AS session_time,
  r.SessionIdSeq      AS session_seq
FROM LcsCDR.dbo.ErrorReport r
LEFT JOIN LcsCDR.dbo.ErrorDef e ON e.ErrorId = r.ErrorId
LEFT JOIN LcsCDR.dbo.SIPResponseMetaData x ON x.ResponseCode = e.ResponseCode
LEFT JOIN LcsCDR.dbo.CallType k ON k.CallTypeId = e.CallTypeId
LEFT JOIN cdr.identities f ON f.source = 'LcsCDR' AND f.user_id = r.FromUserId
LEFT JOIN cdr.identities t ON t.source = 'LcsCDR' AND t.user_id = r.ToUserId
LEFT JOIN LcsCDR.dbo.ConferenceUris u ON u.ConferenceUriId = r.ConferenceUriId
LEFT JOIN LcsCDR.dbo.ClientVersionsView c ON c.VersionId = r.ClientVersionId
LEFT JOIN LcsCDR.dbo.Servers o ON o.ServerId = r.SourceId
LEFT JOIN LcsCDR.dbo.Application a ON a.ApplicationId = r.ApplicationId
LEFT JOIN LcsCDR.dbo.Servers s ON s.ServerId = r.ServerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = r.PoolId
WHERE e.ResponseCode IS NULL
  OR e.ResponseCode NOT BETWEEN 200 AND 299
