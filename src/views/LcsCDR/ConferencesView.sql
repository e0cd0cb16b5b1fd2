-- Conferences with their organizer and pool, one row per occurrence, as Microsoft documents it.
SELECT
  c.SessionIdTime,
  c.SessionIdSeq,
  u.ConferenceUri,
  u.ConferenceUriType,
  c.ConfInstance,
  c.ConferenceStartTime,
  c.ConferenceEndTime,
  o.UserUri   AS OrganizerUri,
  o.UriType   AS OrganizerType,
  o.TenantKey AS OrganizerTenant,
  p.PoolFQDN  AS Pool,
  c.Flag
FROM LcsCDR.dbo.Conferences c
LEFT JOIN LcsCDR.dbo.ConferenceUrisView u ON u.ConferenceUriId = c.ConferenceUriId
LEFT JOIN LcsCDR.dbo.UserView o ON o.UserId = c.OrganizerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = c.PoolId
