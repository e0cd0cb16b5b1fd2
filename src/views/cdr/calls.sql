-- One row per session between two parties: who called whom, when, how long, over what, and how it
-- ended. `caller` started it; `dialled` is who was asked for, where the call was forwarded the callee
-- is another. `answered` is null where nobody did, `seconds` then 0; `responded` is the first response
-- of any kind. `transferor` sent the caller here, `on_behalf_of` is whose delegate called, `replaces`
-- the session that this one took over. Numbers, gateways and mediation servers are there for calls
-- through the telephone network. `direction`: in and out through a gateway (transit: both), federated
-- with another company, public IM or an anonymous party, else internal. Times are UTC; filter on
-- `started`, which prunes files.
SELECT
  concat(to_char(s.session_time, '%Y-%m-%dT%H:%M:%S%.3f'), '/', s.session_seq) AS id,
  s.session_time                 AS started,
  s.invited,
  s.responded,
  s.answered,
  s.ended,
  s.seconds,
  f.person                       AS caller,
  t.person                       AS callee,
  g.person                       AS dialled,
  r.person                       AS transferor,
  b.person                       AS on_behalf_of,
  CASE
    WHEN v.FromGatewayId IS NOT NULL AND v.ToGatewayId IS NOT NULL THEN 'transit'
    WHEN v.FromGatewayId IS NOT NULL THEN 'in'
    WHEN v.ToGatewayId IS NOT NULL THEN 'out'
    WHEN f.kind IN ('federated', 'public', 'anonymous') THEN 'federated'
    WHEN t.kind IN ('federated', 'public', 'anonymous') THEN 'federated'
    ELSE 'internal'
  END                            AS direction,
  s.kind,
  ((s.media & 1) <> 0)           AS im,
  ((s.media & 2) <> 0)           AS file_transfer,
  ((s.media & 4) <> 0)           AS remote_assistance,
  ((s.media & 8) <> 0)           AS app_sharing,
  ((s.media & 16) <> 0)          AS audio,
  ((s.media & 32) <> 0)          AS video,
  ((s.media & 64) <> 0)          AS app_invite,
  s.response_code,
  p.Description                  AS response,
  s.diagnostic_id,
  fn.PhoneUri                    AS caller_number,
  tn.PhoneUri                    AS callee_number,
  fg.Gateway                     AS caller_gateway,
  tg.Gateway                     AS callee_gateway,
  fm.MediationServer             AS caller_mediation_server,
  tm.MediationServer             AS callee_mediation_server,
  f.kind                         AS caller_kind,
  t.kind                         AS callee_kind,
  f.uri                          AS caller_uri,
  t.uri                          AS callee_uri,
  s.from_inside                  AS caller_inside,
  s.to_inside                    AS callee_inside,
  s.from_messages                AS caller_messages,
  s.to_messages                  AS callee_messages,
  fc.Version                     AS caller_client,
  fc.ClientCategory              AS caller_client_kind,
  tc.Version                     AS callee_client,
  tc.ClientCategory              AS callee_client_kind,
  o.PoolFQDN                     AS pool,
  e.ServerFQDN                   AS front_end,
  ((s.call_flag & 1) <> 0)       AS retried,
  ((s.call_flag & 2) <> 0)       AS for_response_group,
  s.correlation,
  CASE
    WHEN s.replaced_time IS NOT NULL
    THEN concat(to_char(s.replaced_time, '%Y-%m-%dT%H:%M:%S%.3f'), '/', s.replaced_seq)
  END                            AS replaces,
  s.session_seq
FROM cdr.sessions s
LEFT JOIN cdr.identities f ON f.source = 'LcsCDR' AND f.user_id = s.from_id
LEFT JOIN cdr.identities t ON t.source = 'LcsCDR' AND t.user_id = s.to_id
LEFT JOIN cdr.identities g ON g.source = 'LcsCDR' AND g.user_id = s.target_id
LEFT JOIN cdr.identities r ON r.source = 'LcsCDR' AND r.user_id = s.referred_by_id
LEFT JOIN cdr.identities b ON b.source = 'LcsCDR' AND b.user_id = s.on_behalf_of_id
LEFT JOIN LcsCDR.dbo.ClientVersionsView fc ON fc.VersionId = s.from_client_id
LEFT JOIN LcsCDR.dbo.ClientVersionsView tc ON tc.VersionId = s.to_client_id
LEFT JOIN LcsCDR.dbo.SIPResponseMetaData p ON p.ResponseCode = s.response_code
LEFT JOIN LcsCDR.dbo.Pools o ON o.PoolId = s.pool_id
LEFT JOIN LcsCDR.dbo.Servers e ON e.ServerId = s.server_id
LEFT JOIN LcsCDR.dbo.VoipDetails v
  ON v.SessionIdTime = s.session_time
  AND v.SessionIdSeq = s.session_seq
LEFT JOIN LcsCDR.dbo.Phones fn ON fn.PhoneId = v.FromNumberId
LEFT JOIN LcsCDR.dbo.Phones tn ON tn.PhoneId = v.ConnectedNumberId
LEFT JOIN LcsCDR.dbo.Gateways fg ON fg.GatewayId = v.FromGatewayId
LEFT JOIN LcsCDR.dbo.Gateways tg ON tg.GatewayId = v.ToGatewayId
LEFT JOIN LcsCDR.dbo.MediationServers fm ON fm.MediationServerId = v.FromMediationServerId
LEFT JOIN LcsCDR.dbo.MediationServers tm ON tm.MediationServerId = v.ToMediationServerId
