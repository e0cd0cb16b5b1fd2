-- How the calls of a response group spread over its agents.
-- Answered calls, their share of all, talking time and the caller's mean wait, by agent. Per-agent
-- figures watch people at work: use them only where that is agreed.
-- $workflow: the group's address, such as helpdesk@contoso.com
SELECT
  agent,
  count(*)                                                    AS calls,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1)          AS share_pct,
  sum(agent_seconds)                                          AS seconds,
  round(avg(wait_seconds), 1)                                 AS mean_wait_seconds
FROM cdr.response_group_calls
WHERE workflow = lower($workflow)
  AND outcome = 'answered'
GROUP BY agent
ORDER BY calls DESC, agent
