-- Conferences as the base of reports: ConferencesView with the ids that it resolves and the
-- monitoring service's own marks.
SELECT
  c.SessionIdTime,
  c.SessionIdSeq,
  c.ConferenceUriId,
  u.ConferenceUri,
  u.ConferenceUriType,
  c.ConfInstance,
  c.ConferenceStartTime,
  c.ConferenceEndTime,
  c.OrganizerId,
  o.UserUri   AS OrganizerUri,
  o.UriType   AS OrganizerType,
  o.TenantKey AS OrganizerTenant,
  c.PoolId,
  p.PoolFQDN  AS Pool,
  c.Flag,
  c.Processed,
  c.LastModifiedTime
FROM LcsCDR.dbo.Conferences c
LEFT JOIN LcsCDR.dbo.ConferenceUrisView u ON u.ConferenceUriId = c.ConferenceUriId
LEFT JOIN LcsCDR.dbo.UserView o ON o.UserId = c.OrganizerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = c.PoolId
