-- How joining meetings failed, by server (Microsoft's Conference Diagnostic Report).
-- Reports of failed joins over all reports of joins, for the focus and each conferencing server.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
WITH joins AS (
  SELECT component, count(*) AS joins, count(DISTINCT conference_time) AS conferences
  FROM cdr.participations
  WHERE conference_time >= $from
    AND conference_time < $to
  GROUP BY component
),
failed AS (
  SELECT
    CASE call_type
      WHEN 'Instant Messaging' THEN 'chat'
      WHEN 'Audio and Video' THEN 'audio-video'
      WHEN 'Audio' THEN 'audio-video'
      WHEN 'Application Sharing' THEN 'applicationsharing'
      ELSE 'focus'
    END                              AS component,
    count(*)                         AS failures,
    count(DISTINCT conference)       AS conferences_failed,
    count(DISTINCT from_person)      AS people_affected
  FROM cdr.failures
  WHERE conference IS NOT NULL
    AND reported >= $from
    AND reported < $to
  GROUP BY 1
)
SELECT
  j.component,
  j.conferences,
  j.joins,
  coalesce(f.failures, 0)            AS failures,
  round(100.0 * coalesce(f.failures, 0) / (j.joins + coalesce(f.failures, 0)), 2) AS failure_pct,
  coalesce(f.conferences_failed, 0)  AS conferences_failed,
  coalesce(f.people_affected, 0)     AS people_affected
FROM joins j
LEFT JOIN failed f ON f.component = j.component
ORDER BY failures DESC, j.component
