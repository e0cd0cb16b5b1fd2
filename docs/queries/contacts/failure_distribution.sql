-- Where failures come from (Microsoft's Failure Distribution Report).
-- The ten most frequent of each: reasons, modalities, pools, sources, components, people, clients.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
WITH reports AS (
  SELECT * FROM cdr.failures WHERE reported >= $from AND reported < $to
),
parts AS (
  SELECT 'reason' AS part, reason AS value FROM reports
  UNION ALL
  SELECT 'modality' AS part, call_type AS value FROM reports
  UNION ALL
  SELECT 'pool' AS part, pool AS value FROM reports
  UNION ALL
  SELECT 'source' AS part, source AS value FROM reports
  UNION ALL
  SELECT 'component' AS part, component AS value FROM reports
  UNION ALL
  SELECT 'from' AS part, from_person AS value FROM reports
  UNION ALL
  SELECT 'to' AS part, to_person AS value FROM reports
  UNION ALL
  SELECT 'client' AS part, client AS value FROM reports
),
counted AS (
  SELECT
    part,
    value,
    count(*)                                                             AS reports,
    row_number() OVER (PARTITION BY part ORDER BY count(*) DESC, value)  AS place
  FROM parts
  WHERE value IS NOT NULL
  GROUP BY
    part,
    value
)
SELECT part, place, value, reports
FROM counted
WHERE place <= 10
ORDER BY part, place
