-- The calls of a response group (Microsoft's Response Group Call List Report).
-- $workflow: the group's address, such as helpdesk@contoso.com
SELECT
  started,
  ended,
  caller,
  workflow,
  outcome,
  agent,
  wait_seconds,
  agent_seconds,
  response_code,
  diagnostic_id,
  id
FROM cdr.response_group_calls
WHERE workflow = lower($workflow)
ORDER BY started
