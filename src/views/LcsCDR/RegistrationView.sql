-- Sign-ins with user, client, registrar and device, as Microsoft documents it. The page prints the
-- name DeRegisterType over the time of the sign-out; DeRegisterTime is that time by its own name.
SELECT
  r.SessionIdTime,
  r.SessionIdSeq,
  r.RegisterTime,
  u.UserUri,
  u.UriType        AS UserUriType,
  u.TenantKey      AS UserTenant,
  r.EndpointId,
  r.EndpointEra,
  r.DeRegisterTime AS DeRegisterType,
  t.DeRegisterReason,
  v.Version        AS ClientVersion,
  v.ClientType,
  v.ClientCategory,
  r.IPAddress      AS IpAddress,
  TRY_CAST(d.ExternalId AS VARCHAR) AS DialogId,
  r.ResponseCode,
  r.DiagnosticId,
  s.ServerFQDN     AS Registrar,
  p.PoolFQDN       AS Pool,
  e.EdgeServer,
  r.IsInternal,
  r.IsUserServiceAvailable,
  r.IsPrimaryRegistrar,
  m.MacAddress     AS DeviceMacAddress,
  f.Manufacturer   AS DeviceManufacturer,
  h.Version        AS DeviceHardwareVersion,
  r.DeRegisterTime
FROM LcsCDR.dbo.Registration r
LEFT JOIN LcsCDR.dbo.UserView u ON u.UserId = r.UserId
LEFT JOIN LcsCDR.dbo.ClientVersionsView v ON v.VersionId = r.ClientVersionId
LEFT JOIN LcsCDR.dbo.DeRegisterType t ON t.DeRegisterTypeId = r.DeRegisterTypeId
LEFT JOIN LcsCDR.dbo.Servers s ON s.ServerId = r.RegistrarId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = r.PoolId
LEFT JOIN LcsCDR.dbo.EdgeServers e ON e.EdgeServerId = r.EdgeServerId
LEFT JOIN LcsCDR.dbo.Devices m ON m.DeviceId = r.DeviceId
LEFT JOIN LcsCDR.dbo.Manufacturers f ON f.ManufacturerId = m.ManufacturerId
LEFT JOIN LcsCDR.dbo.HardwareVersions h ON h.VersionId = m.HardwareVersionId
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = r.SessionIdTime
  AND d.SessionIdSeq = r.SessionIdSeq
