-- Sessions between two parties, from the side of who started them, as Microsoft documents it: From
-- is the party that SessionStartedById names (see cdr.sessions).
SELECT
  s.session_time    AS SessionIdTime,
  s.session_seq     AS SessionIdSeq,
  s.invited         AS InviteTime,
  f.UserUri         AS FromUri,
  t.UserUri         AS ToUri,
  f.UriType         AS FromUriType,
  t.UriType         AS ToUriType,
  f.TenantKey       AS FromTenant,
  t.TenantKey       AS ToTenant,
  s.from_endpoint   AS FromEndpointId,
  s.to_endpoint     AS ToEndpointId,
  s.ended           AS EndTime,
  s.from_messages   AS FromMessageCount,
  s.to_messages     AS ToMessageCount,
  fv.Version        AS FromClientVersion,
  fv.ClientType     AS FromClientType,
  fv.ClientCategory AS FromClientCategory,
  tv.Version        AS ToClientVersion,
  tv.ClientType     AS ToClientType,
  tv.ClientCategory AS ToClientCategory,
  g.UserUri         AS TargetUri,
  g.UriType         AS TargetUriType,
  b.UserUri         AS OnBehalfOfUri,
  b.UriType         AS OnnnBehalfOfUriType,
  b.TenantKey       AS OnBehalfOfTenant,
  r.UserUri         AS ReferredByUri,
  r.UriType         AS ReferredByUriType,
  r.TenantKey       AS ReferredByTenant,
  TRY_CAST(d.ExternalId AS VARCHAR) AS DialogId,
  s.correlation     AS CorrelationId,
  s.replaced_time   AS ReplaceDialogIdTime,
  s.replaced_seq    AS ReplaceDialogIdSeq,
  TRY_CAST(x.ExternalId AS VARCHAR) AS ReplacesDialogId,
  s.responded       AS ResponseTime,
  s.response_code   AS ResponseCode,
  s.diagnostic_id   AS DiagnosticId,
  c.ContentType,
  h.ServerFQDN      AS FrontEnd,
  p.PoolFQDN        AS Pool,
  fe.EdgeServer     AS FromEdgeServer,
  te.EdgeServer     AS ToEdgeServer,
  s.from_inside     AS IsFromInternal,
  s.to_inside       AS IsToInternal,
  q.Priority        AS CallPriority,
  s.from_flag       AS FromUserFlag,
  s.to_flag         AS ToUserFlag,
  s.call_flag       AS CallFlag,
  l.Location,
  s.modified        AS LastModifiedTime,
  s.media           AS MediaTypes
FROM cdr.sessions s
LEFT JOIN LcsCDR.dbo.UserView f ON f.UserId = s.from_id
LEFT JOIN LcsCDR.dbo.UserView t ON t.UserId = s.to_id
LEFT JOIN LcsCDR.dbo.UserView g ON g.UserId = s.target_id
LEFT JOIN LcsCDR.dbo.UserView b ON b.UserId = s.on_behalf_of_id
LEFT JOIN LcsCDR.dbo.UserView r ON r.UserId = s.referred_by_id
LEFT JOIN LcsCDR.dbo.ClientVersionsView fv ON fv.VersionId = s.from_client_id
LEFT JOIN LcsCDR.dbo.ClientVersionsView tv ON tv.VersionId = s.to_client_id
LEFT JOIN LcsCDR.dbo.EdgeServers fe ON fe.EdgeServerId = s.from_edge_id
LEFT JOIN LcsCDR.dbo.EdgeServers te ON te.EdgeServerId = s.to_edge_id
LEFT JOIN LcsCDR.dbo.ContentTypes c ON c.ContentTypeId = s.content_type_id
LEFT JOIN LcsCDR.dbo.Servers h ON h.ServerId = s.server_id
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = s.pool_id
LEFT JOIN LcsCDR.dbo.CallPriorities q ON q.PriorityId = s.priority_id
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = s.session_time
  AND d.SessionIdSeq = s.session_seq
LEFT JOIN LcsCDR.dbo.Dialogs x
  ON x.SessionIdTime = s.replaced_time
  AND x.SessionIdSeq = s.replaced_seq
LEFT JOIN LcsCDR.dbo.Locations l
  ON l.SessionIdTime = s.session_time
  AND l.SessionIdSeq = s.session_seq
