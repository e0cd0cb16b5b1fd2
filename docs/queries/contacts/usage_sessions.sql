-- Sessions between two parties by period (Microsoft's Peer-to-Peer Activity Summary Report).
-- A session with video counts as audio too, as there; minutes are those of answered sessions.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
-- $unit: hour, day, week or month, such as week
-- $tz: whose clock periods follow, such as Europe/Berlin
SELECT
  coarsen_time(started, $unit, $tz)                                      AS period,
  count(*)                                                               AS sessions,
  count(CASE WHEN im THEN 1 END)                                         AS im_sessions,
  sum(coalesce(caller_messages, 0) + coalesce(callee_messages, 0))       AS im_messages,
  count(CASE WHEN audio OR video THEN 1 END)                             AS audio_sessions,
  round(sum(CASE WHEN audio OR video THEN seconds END) / 60.0, 1)        AS audio_minutes,
  round(avg(CASE WHEN (audio OR video) AND answered IS NOT NULL THEN seconds END) / 60.0, 2) AS mean_audio_minutes,
  count(CASE WHEN video THEN 1 END)                                      AS video_sessions,
  round(sum(CASE WHEN video THEN seconds END) / 60.0, 1)                 AS video_minutes,
  round(avg(CASE WHEN video AND answered IS NOT NULL THEN seconds END) / 60.0, 2) AS mean_video_minutes,
  count(CASE WHEN file_transfer THEN 1 END)                              AS file_transfers,
  count(CASE WHEN app_sharing THEN 1 END)                                AS app_sharing_sessions
FROM cdr.calls
WHERE started >= $from
  AND started < $to
GROUP BY 1
ORDER BY period
