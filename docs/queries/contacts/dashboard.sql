-- All of use and quality by period (Microsoft's Monitoring Dashboard).
-- Users who signed in, sessions between two, meetings, unexpected failures, poor calls; ask by week
-- for the last six weeks or by month for six months, or any other range. What is behind a number:
-- usage_sessions.sql, usage_conferences.sql, usage_registrations.sql, failure_top.sql.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
-- $unit: hour, day, week or month, such as week
-- $tz: whose clock periods follow, such as Europe/Berlin
WITH signed_in AS (
  SELECT coarsen_time(started, $unit, $tz) AS period, count(DISTINCT person) AS users
  FROM cdr.registrations
  WHERE started >= $from
    AND started < $to
    AND response_code BETWEEN 200 AND 299
  GROUP BY 1
),
sessions AS (
  SELECT
    coarsen_time(started, $unit, $tz)                                      AS period,
    count(*)                                                               AS sessions,
    count(CASE WHEN im THEN 1 END)                                         AS im_sessions,
    count(CASE WHEN audio OR video THEN 1 END)                             AS audio_sessions,
    count(CASE WHEN video THEN 1 END)                                      AS video_sessions,
    count(CASE WHEN app_sharing THEN 1 END)                                AS app_sharing_sessions,
    round(sum(CASE WHEN audio OR video THEN seconds END) / 60.0, 1)        AS audio_minutes,
    count(CASE WHEN failed THEN 1 END)                                     AS failures,
    count(DISTINCT CASE WHEN failed THEN caller END)                       AS users_with_failures
  FROM (
    SELECT
      *,
      (response_code NOT BETWEEN 200 AND 299
        AND response_code NOT IN (404, 480, 484, 486, 487, 600, 603)) AS failed
    FROM cdr.calls
    WHERE started >= $from
      AND started < $to
  ) c
  GROUP BY 1
),
meetings AS (
  SELECT
    coarsen_time(started, $unit, $tz)                                      AS period,
    count(*)                                                               AS conferences,
    count(CASE WHEN audio_video THEN 1 END)                                AS av_conferences,
    count(CASE WHEN chat THEN 1 END)                                       AS im_conferences,
    count(CASE WHEN app_sharing THEN 1 END)                                AS app_sharing_conferences,
    count(DISTINCT organizer)                                              AS organizers,
    round(sum(audio_video_seconds) / 60.0, 1)                              AS av_participant_minutes,
    count(CASE WHEN telephone_participants > 0 THEN 1 END)                 AS dial_in_conferences,
    sum(telephone_participants)                                            AS telephone_participants
  FROM cdr.conferences
  WHERE NOT synthetic
    AND started >= $from
    AND started < $to
  GROUP BY 1
),
quality AS (
  SELECT
    coarsen_time(started, $unit, $tz)                                      AS period,
    count(poor)                                                            AS reported_calls,
    count(CASE WHEN poor THEN 1 END)                                       AS poor_calls,
    round(100.0 * count(CASE WHEN poor THEN 1 END) / nullif(count(poor), 0), 2) AS poor_pct
  FROM cdr.call_quality
  WHERE started >= $from
    AND started < $to
  GROUP BY 1
)
SELECT
  s.period,
  coalesce(r.users, 0)                     AS users,
  s.sessions,
  s.im_sessions,
  s.audio_sessions,
  s.video_sessions,
  s.app_sharing_sessions,
  s.audio_minutes,
  coalesce(m.conferences, 0)               AS conferences,
  coalesce(m.av_conferences, 0)            AS av_conferences,
  coalesce(m.im_conferences, 0)            AS im_conferences,
  coalesce(m.app_sharing_conferences, 0)   AS app_sharing_conferences,
  coalesce(m.organizers, 0)                AS organizers,
  coalesce(m.av_participant_minutes, 0)    AS av_participant_minutes,
  coalesce(m.dial_in_conferences, 0)       AS dial_in_conferences,
  coalesce(m.telephone_participants, 0)    AS telephone_participants,
  s.failures,
  s.users_with_failures,
  round(100.0 * s.failures / s.sessions, 2) AS failure_pct,
  coalesce(q.reported_calls, 0)            AS reported_calls,
  coalesce(q.poor_calls, 0)                AS poor_calls,
  q.poor_pct
FROM sessions s
LEFT JOIN signed_in r ON r.period = s.period
LEFT JOIN meetings m ON m.period = s.period
LEFT JOIN quality q ON q.period = s.period
ORDER BY s.period
