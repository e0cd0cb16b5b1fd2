-- Every failure with one diagnostic id (Microsoft's Failure List and Diagnostic Reports).
-- $diagnostic_id: as in failure_top.sql, such as 15030
SELECT
  reported,
  request,
  response_code,
  response,
  diagnostic_id,
  reason,
  call_type,
  from_person,
  to_person,
  conference,
  client,
  source,
  component,
  front_end,
  pool,
  setup_ms,
  session_time,
  session_seq
FROM cdr.failures
WHERE diagnostic_id = CAST($diagnostic_id AS INT)
ORDER BY reported, report_seq
