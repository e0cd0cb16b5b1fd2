-- Poor calls of one person, stream by stream, with the reasons.
-- Every audio stream of theirs that the rule set lync2013 calls poor; `reasons` adds up 1 degradation,
-- 2 round trip, 4 loss, 8 jitter, 16 concealment.
-- $person: as in cdr.people, such as otto.weiss@contoso.com
SELECT
  started,
  caller,
  callee,
  direction,
  codec,
  reasons,
  degradation_mos,
  round_trip_ms,
  loss_ratio,
  jitter_ms,
  concealed_ratio,
  caller_connection,
  callee_connection,
  caller_subnet,
  callee_subnet
FROM cdr.streams
WHERE (caller = lower($person) OR callee = lower($person))
  AND verdict_lync2013 = 'poor'
ORDER BY started, direction
