-- Instant messaging between two by pool and company (Microsoft's Peer-to-Peer IM Report).
-- `parties`: enterprise, federated or public, by the outer party.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  pool,
  CASE
    WHEN 'public' IN (caller_kind, callee_kind) THEN 'public'
    WHEN 'federated' IN (caller_kind, callee_kind) THEN 'federated'
    ELSE 'enterprise'
  END                                                               AS parties,
  count(*)                                                          AS sessions,
  sum(coalesce(caller_messages, 0) + coalesce(callee_messages, 0))  AS messages
FROM cdr.calls
WHERE im
  AND started >= $from
  AND started < $to
GROUP BY
  pool,
  2
ORDER BY messages DESC, pool, parties
