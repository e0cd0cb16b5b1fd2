-- Sessions between two parties, from the side of who started them, as Microsoft documents it.
-- SessionDetails stores the parties as User1 and User2 in no promised order; here From is the one
-- that SessionStartedById names, and User1 where it names neither.
WITH s AS (
  SELECT
    *,
    (SessionStartedById = User2Id) AS started_by_2
  FROM LcsCDR.dbo.SessionDetails
),
sides AS (
  SELECT
    *,
    CASE WHEN started_by_2 THEN User2Id ELSE User1Id END                       AS from_id,
    CASE WHEN started_by_2 THEN User1Id ELSE User2Id END                       AS to_id,
    CASE WHEN started_by_2 THEN User2ClientVerId ELSE User1ClientVerId END     AS from_client_id,
    CASE WHEN started_by_2 THEN User1ClientVerId ELSE User2ClientVerId END     AS to_client_id,
    CASE WHEN started_by_2 THEN User2EdgeServerid ELSE User1EdgeServerid END   AS from_edge_id,
    CASE WHEN started_by_2 THEN User1EdgeServerid ELSE User2EdgeServerid END   AS to_edge_id
  FROM s
)
SELECT
  s.SessionIdTime,
  s.SessionIdSeq,
  s.InviteTime,
  f.UserUri         AS FromUri,
  t.UserUri         AS ToUri,
  f.UriType         AS FromUriType,
  t.UriType         AS ToUriType,
  f.TenantKey       AS FromTenant,
  t.TenantKey       AS ToTenant,
  CASE WHEN s.started_by_2 THEN s.User2EndpointId ELSE s.User1EndpointId END     AS FromEndpointId,
  CASE WHEN s.started_by_2 THEN s.User1EndpointId ELSE s.User2EndpointId END     AS ToEndpointId,
  s.SessionEndTime  AS EndTime,
  CASE WHEN s.started_by_2 THEN s.User2MessageCount ELSE s.User1MessageCount END AS FromMessageCount,
  CASE WHEN s.started_by_2 THEN s.User1MessageCount ELSE s.User2MessageCount END AS ToMessageCount,
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
  arrow_cast(d.ExternalId, 'Utf8View') AS DialogId,
  s.CorrelationId,
  s.ReplaceDialogIdTime,
  s.ReplaceDialogIdSeq,
  arrow_cast(x.ExternalId, 'Utf8View') AS ReplacesDialogId,
  s.ResponseTime,
  s.ResponseCode,
  s.DiagnosticId,
  c.ContentType,
  h.ServerFQDN      AS FrontEnd,
  p.PoolFQDN        AS Pool,
  fe.EdgeServer     AS FromEdgeServer,
  te.EdgeServer     AS ToEdgeServer,
  CASE WHEN s.started_by_2 THEN s.IsUser2Internal ELSE s.IsUser1Internal END     AS IsFromInternal,
  CASE WHEN s.started_by_2 THEN s.IsUser1Internal ELSE s.IsUser2Internal END     AS IsToInternal,
  q.Priority        AS CallPriority,
  CASE WHEN s.started_by_2 THEN s.User2Flag ELSE s.User1Flag END                 AS FromUserFlag,
  CASE WHEN s.started_by_2 THEN s.User1Flag ELSE s.User2Flag END                 AS ToUserFlag,
  s.CallFlag,
  l.Location,
  s.LastModifiedTime,
  s.MediaTypes
FROM sides s
LEFT JOIN LcsCDR.dbo.UserView f ON f.UserId = s.from_id
LEFT JOIN LcsCDR.dbo.UserView t ON t.UserId = s.to_id
LEFT JOIN LcsCDR.dbo.UserView g ON g.UserId = s.TargetUserId
LEFT JOIN LcsCDR.dbo.UserView b ON b.UserId = s.OnBehalfOfId
LEFT JOIN LcsCDR.dbo.UserView r ON r.UserId = s.ReferredById
LEFT JOIN LcsCDR.dbo.ClientVersionsView fv ON fv.VersionId = s.from_client_id
LEFT JOIN LcsCDR.dbo.ClientVersionsView tv ON tv.VersionId = s.to_client_id
LEFT JOIN LcsCDR.dbo.EdgeServers fe ON fe.EdgeServerId = s.from_edge_id
LEFT JOIN LcsCDR.dbo.EdgeServers te ON te.EdgeServerId = s.to_edge_id
LEFT JOIN LcsCDR.dbo.ContentTypes c ON c.ContentTypeId = s.ContentTypeID
LEFT JOIN LcsCDR.dbo.Servers h ON h.ServerId = s.ServerId
LEFT JOIN LcsCDR.dbo.Pools p ON p.PoolId = s.PoolId
LEFT JOIN LcsCDR.dbo.CallPriorities q ON q.PriorityId = s.CallPriority
LEFT JOIN LcsCDR.dbo.Dialogs d
  ON d.SessionIdTime = s.SessionIdTime
  AND d.SessionIdSeq = s.SessionIdSeq
LEFT JOIN LcsCDR.dbo.Dialogs x
  ON x.SessionIdTime = s.ReplaceDialogIdTime
  AND x.SessionIdSeq = s.ReplaceDialogIdSeq
LEFT JOIN LcsCDR.dbo.Locations l
  ON l.SessionIdTime = s.SessionIdTime
  AND l.SessionIdSeq = s.SessionIdSeq
