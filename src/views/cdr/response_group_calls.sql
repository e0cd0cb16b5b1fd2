-- Calls to response groups. A call is the session whose callee runs the response group service (client
-- type 1024); its agents are the sessions of the same correlation that the group referred. `offered`
-- counts the agents that were rung, `agent` is the first who answered. `wait_seconds` runs until then,
-- or until the caller gave up. `outcome`: answered, abandoned, or failed where the group itself never
-- took the call.
WITH legs AS (
  SELECT
    s.*,
    v.ClientType AS to_client_type
  FROM cdr.sessions s
  LEFT JOIN LcsCDR.dbo.ClientVersions v ON v.VersionId = s.to_client_id
),
agents AS (
  SELECT
    l.correlation,
    l.referred_by_id,
    count(*)                                                           AS offered,
    min(l.answered)                                                    AS answered,
    first_value(l.to_id ORDER BY l.answered, l.session_time)
      FILTER (WHERE l.answered IS NOT NULL)                            AS agent_id,
    first_value(l.seconds ORDER BY l.answered, l.session_time)
      FILTER (WHERE l.answered IS NOT NULL)                            AS seconds
  FROM legs l
  WHERE l.referred_by_id IS NOT NULL
    AND (l.to_client_type IS NULL OR l.to_client_type <> 1024)
  GROUP BY
    l.correlation,
    l.referred_by_id
)
SELECT
  concat(to_char(l.session_time, '%Y-%m-%dT%H:%M:%S%.3f'), '/', l.session_seq) AS id,
  l.session_time         AS started,
  f.person               AS caller,
  w.person               AS workflow,
  g.person               AS agent,
  coalesce(a.offered, 0) AS offered,
  CASE
    WHEN a.answered IS NOT NULL THEN 'answered'
    WHEN l.answered IS NOT NULL THEN 'abandoned'
    ELSE 'failed'
  END                    AS outcome,
  a.answered,
  l.ended,
  CAST(round(date_part('epoch', coalesce(a.answered, l.ended)) - date_part('epoch', l.session_time)) AS BIGINT) AS wait_seconds,
  coalesce(a.seconds, 0) AS agent_seconds,
  l.response_code,
  l.diagnostic_id
FROM legs l
LEFT JOIN agents a ON a.correlation = l.correlation AND a.referred_by_id = l.to_id
LEFT JOIN cdr.identities f ON f.source = 'LcsCDR' AND f.user_id = l.from_id
LEFT JOIN cdr.identities w ON w.source = 'LcsCDR' AND w.user_id = l.to_id
LEFT JOIN cdr.identities g ON g.source = 'LcsCDR' AND g.user_id = a.agent_id
WHERE l.to_client_type = 1024
