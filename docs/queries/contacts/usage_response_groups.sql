-- Response groups (Microsoft's Response Group Usage Report).
-- Received calls, those the group took, those offered to an agent and answered by one; abandoned is
-- received less answered, as there.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  workflow,
  count(*)                                                                      AS received,
  count(CASE WHEN outcome <> 'failed' THEN 1 END)                               AS successful,
  count(CASE WHEN offered > 0 THEN 1 END)                                       AS offered,
  count(CASE WHEN outcome = 'answered' THEN 1 END)                              AS answered,
  round(100.0 * count(CASE WHEN outcome <> 'answered' THEN 1 END) / count(*), 1) AS abandoned_pct,
  round(avg(CASE WHEN outcome = 'answered' THEN agent_seconds END) / 60.0, 2)   AS mean_agent_minutes,
  round(avg(CASE WHEN outcome = 'answered' THEN wait_seconds END), 1)           AS mean_seconds_to_answer
FROM cdr.response_group_calls
WHERE started >= $from
  AND started < $to
GROUP BY workflow
ORDER BY received DESC, workflow
