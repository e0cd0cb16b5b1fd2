-- Sign-ins: who, from which client and address, inside or outside, how long, and why it ended. A
-- failed one has the response code that refused it; `ended` is null while it lasts.
SELECT
  r.SessionIdTime    AS started,
  r.DeRegisterTime   AS ended,
  CAST(round(date_part('epoch', r.DeRegisterTime) - date_part('epoch', r.RegisterTime)) AS BIGINT) AS seconds,
  i.person,
  i.uri,
  c.Version          AS client,
  c.ClientCategory   AS client_kind,
  r.IPAddress        AS address,
  r.IsInternal       AS inside,
  r.ResponseCode     AS response_code,
  r.DiagnosticId     AS diagnostic_id,
  t.DeRegisterReason AS end_reason,
  s.ServerFQDN       AS registrar,
  p.PoolFQDN         AS pool,
  e.EdgeServer       AS edge_server,
  m.Manufacturer     AS phone_maker,
  h.Version          AS phone_version,
  -- A number there; here as it is printed on the telephone.
  upper(regexp_replace(lpad(to_hex(d.MacAddress), 12, '0'), '(..)(..)(..)(..)(..)(..)', '\1-\2-\3-\4-\5-\6')) AS phone_mac,
  r.EndpointId       AS endpoint,
  r.SessionIdSeq     AS session_seq
FROM LcsCDR.dbo.Registration r
LEFT JOIN cdr.identities i ON i.source = 'LcsCDR' AND i.user_id = r.UserId
LEFT JOIN LcsCDR.dbo.ClientVersionsView c ON c.VersionId = r.ClientVersionId
LEFT JOIN LcsCDR.dbo.DeRegisterType t ON t.DeRegisterTypeId = r.DeRegisterTypeId
LEFT JOIN LcsCDR.dbo.Servers s ON s.ServerId = r.RegistrarId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = r.PoolId
LEFT JOIN LcsCDR.dbo.EdgeServers e ON e.EdgeServerId = r.EdgeServerId
LEFT JOIN LcsCDR.dbo.Devices d ON d.DeviceId = r.DeviceId
LEFT JOIN LcsCDR.dbo.Manufacturers m ON m.ManufacturerId = d.ManufacturerId
LEFT JOIN LcsCDR.dbo.HardwareVersions h ON h.VersionId = d.HardwareVersionId
