-- Users with the text of their tenant and of their kind of URI, as Microsoft documents it.
SELECT
  u.UserId,
  u.UserUri,
  t.TenantKey,
  k.UriType
FROM LcsCDR.dbo.Users u
LEFT JOIN LcsCDR.dbo.Tenants t ON t.TenantId = u.TenantId
LEFT JOIN LcsCDR.dbo.UriTypes k ON k.UriTypeId = u.UriTypeId
