-- One row per person: every spelling of a SIP or telephone URI under one key.
-- `person` is the URI in lower case without its scheme and parameters.
SELECT
  lower(split_part(regexp_replace(UserUri, '^(sip|sips|tel):', '', 'i'), ';', 1)) AS person,
  min(UserUri)                AS uri,
  min(UriType)                AS kind,
  min(TenantKey)              AS tenant,
  count(*)                    AS spellings,
  max(LastLogInTime)          AS last_login
FROM LcsCDR.dbo.Users u
LEFT JOIN LcsCDR.dbo.UriTypes t ON t.UriTypeId = u.UriTypeId
LEFT JOIN LcsCDR.dbo.Tenants n ON n.TenantId = u.TenantId
LEFT JOIN LcsCDR.dbo.UserStatistics s ON s.UserId = u.UserId
GROUP BY 1
