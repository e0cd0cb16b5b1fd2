-- Sessions with the text of what they name by key, as Microsoft documents it.
SELECT
  s.ConferenceDateTime,
  c.ConfURI       AS ConferenceURI,
  k.CorrelationID AS Correlation,
  s.DialogCategory,
  s.MediationServerBypassFlag,
  s.MediaBypassWarningFlag,
  s.StartTime,
  s.EndTime,
  rp.PoolName     AS CallerPool,
  ep.PoolName     AS CalleePool,
  ra.URI          AS CallerPAI,
  ea.URI          AS CalleePAI,
  rn.Name         AS CallerEndpoint,
  en.Name         AS CalleeEndpoint,
  rg.UserAgent    AS CallerUserAgent,
  rg.UAType       AS CallerUserAgentType,
  rg.UACategory   AS CallerUserAgentCategory,
  eg.UserAgent    AS CalleeUserAgent,
  eg.UAType       AS CalleeUserAgentType,
  eg.UACategory   AS CalleeUserAgentCategory,
  ru.URI          AS CallerURI,
  eu.URI          AS CalleeURI,
  s.CallPriority  AS CallPrioirty,
  s.SessionSeq
FROM QoEMetrics.dbo.Session s
LEFT JOIN QoEMetrics.dbo.Conference c ON c.ConferenceKey = s.ConferenceKey
LEFT JOIN QoEMetrics.dbo.SessionCorrelation k ON k.CorrelationKey = s.CorrelationKey
LEFT JOIN QoEMetrics.dbo.Pool rp ON rp.PoolKey = s.CallerPool
LEFT JOIN QoEMetrics.dbo.Pool ep ON ep.PoolKey = s.CalleePool
LEFT JOIN QoEMetrics.dbo.[User] ra ON ra.UserKey = s.CallerPAI
LEFT JOIN QoEMetrics.dbo.[User] ea ON ea.UserKey = s.CalleePAI
LEFT JOIN QoEMetrics.dbo.[User] ru ON ru.UserKey = s.CallerURI
LEFT JOIN QoEMetrics.dbo.[User] eu ON eu.UserKey = s.CalleeUri
LEFT JOIN QoEMetrics.dbo.Endpoint rn ON rn.EndpointKey = s.CallerEndpoint
LEFT JOIN QoEMetrics.dbo.Endpoint en ON en.EndpointKey = s.CalleeEndpoint
LEFT JOIN QoEMetrics.dbo.UserAgentView rg ON rg.UserAgentKey = s.CallerUserAgent
LEFT JOIN QoEMetrics.dbo.UserAgentView eg ON eg.UserAgentKey = s.CalleeUserAgent
