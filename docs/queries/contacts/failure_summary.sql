-- How sessions ended, by modality (Microsoft's Call Diagnostic Summary and Peer-to-Peer Activity
-- Diagnostic Reports).
-- Expected failures are what people do: busy, declined, cancelled, away, misdialled (404, 480, 484, 486,
-- 487, 600, 603); other codes are unexpected; what has no code cannot be told, so that the three do not
-- add up. A session with video counts as audio too.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
WITH sessions AS (
  SELECT
    *,
    (response_code BETWEEN 200 AND 299)                             AS succeeded,
    (response_code IN (404, 480, 484, 486, 487, 600, 603))          AS expected
  FROM cdr.calls
  WHERE started >= $from
    AND started < $to
),
by_modality AS (
  SELECT 'all' AS modality, succeeded, expected, response_code FROM sessions
  UNION ALL
  SELECT 'im' AS modality, succeeded, expected, response_code FROM sessions WHERE im
  UNION ALL
  SELECT 'audio' AS modality, succeeded, expected, response_code FROM sessions WHERE audio OR video
  UNION ALL
  SELECT 'video' AS modality, succeeded, expected, response_code FROM sessions WHERE video
  UNION ALL
  SELECT 'app sharing' AS modality, succeeded, expected, response_code FROM sessions WHERE app_sharing
  UNION ALL
  SELECT 'file transfer' AS modality, succeeded, expected, response_code FROM sessions WHERE file_transfer
)
SELECT
  modality,
  count(*)                                                                   AS sessions,
  count(CASE WHEN succeeded THEN 1 END)                                      AS succeeded,
  count(CASE WHEN expected THEN 1 END)                                       AS expected_failures,
  count(CASE WHEN NOT succeeded AND NOT expected THEN 1 END)                 AS unexpected_failures,
  round(100.0 * count(CASE WHEN NOT succeeded THEN 1 END) / count(*), 2)     AS failure_pct,
  round(100.0 * count(CASE WHEN NOT succeeded AND NOT expected THEN 1 END) / count(*), 2) AS unexpected_pct
FROM by_modality
GROUP BY modality
ORDER BY sessions DESC, modality
