-- Subnets whose jitter grew from the first half of a period to the second.
-- Mean jitter of received audio by the receiver's subnet, before and after $since, largest growth
-- first, where both halves have enough streams.
-- $since: where the second half begins, such as 2014-03-05
-- $least: fewest streams in each half, such as 50
WITH received AS (
  SELECT
    CASE WHEN direction = 'caller to callee' THEN callee_subnet ELSE caller_subnet END AS subnet,
    (started >= CAST($since AS TIMESTAMP))                                              AS later,
    jitter_ms
  FROM cdr.streams
)
SELECT
  r.subnet,
  min(n.description)                                       AS description,
  count(*)                                                 AS streams,
  round(avg(CASE WHEN NOT later THEN jitter_ms END), 1)    AS jitter_before_ms,
  round(avg(CASE WHEN later THEN jitter_ms END), 1)        AS jitter_since_ms
FROM received r
LEFT JOIN cdr.subnets n ON n.subnet = r.subnet
GROUP BY r.subnet
HAVING count(CASE WHEN later THEN 1 END) >= CAST($least AS INT)
  AND count(CASE WHEN NOT later THEN 1 END) >= CAST($least AS INT)
ORDER BY avg(CASE WHEN later THEN jitter_ms END) - avg(CASE WHEN NOT later THEN jitter_ms END) DESC
