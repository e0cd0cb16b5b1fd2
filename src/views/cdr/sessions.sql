-- Sessions between two parties, from the side of who started them, with ids still unresolved.
-- SessionDetails stores the parties as User1 and User2 in no promised order; here `from` is the one
-- that SessionStartedById names, and User1 where it names neither. `answered` and `media` flags are
-- those of cdr.calls; the medium that `kind` names is the richest of the session.
WITH s AS (
  SELECT
    *,
    (SessionStartedById = User2Id)         AS started_by_2,
    (ResponseCode BETWEEN 200 AND 299)     AS succeeded
  FROM LcsCDR.dbo.SessionDetails
)
SELECT
  SessionIdTime                                                                AS session_time,
  SessionIdSeq                                                                 AS session_seq,
  CASE WHEN started_by_2 THEN User2Id ELSE User1Id END                         AS from_id,
  CASE WHEN started_by_2 THEN User1Id ELSE User2Id END                         AS to_id,
  CASE WHEN started_by_2 THEN User2EndpointId ELSE User1EndpointId END         AS from_endpoint,
  CASE WHEN started_by_2 THEN User1EndpointId ELSE User2EndpointId END         AS to_endpoint,
  CASE WHEN started_by_2 THEN User2ClientVerId ELSE User1ClientVerId END       AS from_client_id,
  CASE WHEN started_by_2 THEN User1ClientVerId ELSE User2ClientVerId END       AS to_client_id,
  CASE WHEN started_by_2 THEN User2EdgeServerid ELSE User1EdgeServerid END     AS from_edge_id,
  CASE WHEN started_by_2 THEN User1EdgeServerid ELSE User2EdgeServerid END     AS to_edge_id,
  CASE WHEN started_by_2 THEN IsUser2Internal ELSE IsUser1Internal END         AS from_inside,
  CASE WHEN started_by_2 THEN IsUser1Internal ELSE IsUser2Internal END         AS to_inside,
  CASE WHEN started_by_2 THEN User2MessageCount ELSE User1MessageCount END     AS from_messages,
  CASE WHEN started_by_2 THEN User1MessageCount ELSE User2MessageCount END     AS to_messages,
  CASE WHEN started_by_2 THEN User2Flag ELSE User1Flag END                     AS from_flag,
  CASE WHEN started_by_2 THEN User1Flag ELSE User2Flag END                     AS to_flag,
  TargetUserId                                                                 AS target_id,
  OnBehalfOfId                                                                 AS on_behalf_of_id,
  ReferredById                                                                 AS referred_by_id,
  InviteTime                                                                   AS invited,
  ResponseTime                                                                 AS responded,
  CASE WHEN succeeded THEN ResponseTime END                                    AS answered,
  SessionEndTime                                                               AS ended,
  -- Ticks of 1/300 s make the difference of two times uneven: whole seconds are what was meant.
  CASE
    WHEN succeeded THEN CAST(round(date_part('epoch', SessionEndTime) - date_part('epoch', ResponseTime)) AS BIGINT)
    ELSE 0
  END                                                                          AS seconds,
  CASE
    WHEN (MediaTypes & 32) <> 0 THEN 'video'
    WHEN (MediaTypes & 16) <> 0 THEN 'audio'
    WHEN (MediaTypes & 12) <> 0 THEN 'sharing'
    WHEN (MediaTypes & 2) <> 0 THEN 'file'
    WHEN (MediaTypes & 1) <> 0 THEN 'im'
  END                                                                          AS kind,
  MediaTypes                                                                   AS media,
  ResponseCode                                                                 AS response_code,
  DiagnosticId                                                                 AS diagnostic_id,
  CallFlag                                                                     AS call_flag,
  CallPriority                                                                 AS priority_id,
  CorrelationId                                                                AS correlation,
  ReplaceDialogIdTime                                                          AS replaced_time,
  ReplaceDialogIdSeq                                                           AS replaced_seq,
  ContentTypeID                                                                AS content_type_id,
  ServerId                                                                     AS server_id,
  PoolId                                                                       AS pool_id,
  LastModifiedTime                                                             AS modified
FROM s
