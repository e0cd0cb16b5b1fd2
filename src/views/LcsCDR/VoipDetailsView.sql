-- Calls of which one side at least is a telephone or could be one, as Microsoft documents it: the
-- columns of SessionDetailsView, the numbers, and the way through the telephone network.
SELECT
  m.SessionIdTime,
  m.SessionIdSeq,
  s.* EXCLUDE (SessionIdTime, SessionIdSeq),
  fp.PhoneUri        AS FromPhone,
  tp.PhoneUri        AS ToPhone,
  u.UserUri          AS DisconnectedByUri,
  u.UriType          AS DisconnectedByUriType,
  u.TenantKey        AS DisconnectedByTenant,
  dp.PhoneUri        AS DisconnectedByPhone,
  fm.MediationServer AS FromMediationServer,
  tm.MediationServer AS ToMediationServer,
  fg.Gateway         AS FromGateway,
  tg.Gateway         AS ToGateway
FROM LcsCDR.dbo.VoipDetails m
LEFT JOIN LcsCDR.dbo.SessionDetailsView s
  ON s.SessionIdTime = m.SessionIdTime
  AND s.SessionIdSeq = m.SessionIdSeq
LEFT JOIN LcsCDR.dbo.Phones fp ON fp.PhoneId = m.FromNumberId
LEFT JOIN LcsCDR.dbo.Phones tp ON tp.PhoneId = m.ConnectedNumberId
LEFT JOIN LcsCDR.dbo.Phones dp ON dp.PhoneId = m.DisconnectedbyPhoneId
LEFT JOIN LcsCDR.dbo.UserView u ON u.UserId = m.DisconnectedbyURIId
LEFT JOIN LcsCDR.dbo.MediationServers fm ON fm.MediationServerId = m.FromMediationServerId
LEFT JOIN LcsCDR.dbo.MediationServers tm ON tm.MediationServerId = m.ToMediationServerId
LEFT JOIN LcsCDR.dbo.Gateways fg ON fg.GatewayId = m.FromGatewayId
LEFT JOIN LcsCDR.dbo.Gateways tg ON tg.GatewayId = m.ToGatewayId
