-- Poor calls of one person, with the reasons, call by call.
-- A call is poor when any of its audio streams is, by the rule set lync2013; `reasons` names every
-- limit that one of them crossed, the metrics are the worst of the poor streams. `heard_by` is who
-- received them.
-- $person: as in cdr.people, such as aiko.chen@contoso.com
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH poor AS (
  SELECT
    *,
    CASE WHEN from_caller THEN sender ELSE receiver END AS caller,
    CASE WHEN from_caller THEN receiver ELSE sender END AS callee
  FROM cdr.flows
  WHERE (sender = lower($person) OR receiver = lower($person))
    AND verdict_lync2013 = 'poor'
    AND reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
calls AS (
  SELECT
    reported,
    session_seq,
    min(started)                                   AS started,
    min(seconds)                                   AS seconds,
    min(caller)                                    AS caller,
    min(callee)                                    AS callee,
    count(*)                                       AS poor_streams,
    bit_or(reasons)                                AS reasons,
    string_agg(receiver, ', ' ORDER BY receiver)   AS heard_by,
    max(degradation_mos)                           AS degradation_mos,
    max(round_trip_ms)                             AS round_trip_ms,
    max(loss_ratio)                                AS loss_ratio,
    max(jitter_ms)                                 AS jitter_ms,
    max(concealed_ratio)                           AS concealed_ratio,
    min(codec)                                     AS codec,
    min(concat(coalesce(sender_connection, '?'), ' to ', coalesce(receiver_connection, '?'))) AS path,
    min(concat(coalesce(sender_subnet, '?'), ' to ', coalesce(receiver_subnet, '?'))) AS subnets
  FROM poor
  GROUP BY reported, session_seq
)
SELECT
  started,
  seconds,
  caller,
  callee,
  concat_ws(', ',
    CASE WHEN (reasons & 1) <> 0 THEN 'degradation' END,
    CASE WHEN (reasons & 2) <> 0 THEN 'round trip' END,
    CASE WHEN (reasons & 4) <> 0 THEN 'loss' END,
    CASE WHEN (reasons & 8) <> 0 THEN 'jitter' END,
    CASE WHEN (reasons & 16) <> 0 THEN 'concealment' END
  ) AS reasons,
  poor_streams,
  heard_by,
  degradation_mos,
  round_trip_ms,
  loss_ratio,
  jitter_ms,
  concealed_ratio,
  codec,
  path,
  subnets
FROM calls
ORDER BY started
