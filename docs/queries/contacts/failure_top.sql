-- The most frequent failures (Microsoft's Top Failures Report).
-- By diagnostic id and response code: sessions reported, people affected, first and last.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  row_number() OVER (ORDER BY count(*) DESC, diagnostic_id, response_code) AS place,
  diagnostic_id,
  response_code,
  max(response)               AS response,
  max(reason)                 AS reason,
  count(*)                    AS reports,
  count(DISTINCT from_person) AS people_affected,
  min(reported)               AS first_report,
  max(reported)               AS last_report
FROM cdr.failures
WHERE reported >= $from
  AND reported < $to
GROUP BY
  diagnostic_id,
  response_code
ORDER BY place
