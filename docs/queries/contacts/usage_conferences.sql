-- Meetings by period (Microsoft's Conference and PSTN Conference Summary Reports).
-- Participants are counted once for each meeting; those by telephone dialled in.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
-- $unit: hour, day, week or month, such as week
-- $tz: whose clock periods follow, such as Europe/Berlin
SELECT
  coarsen_time(started, $unit, $tz)                            AS period,
  count(*)                                                     AS conferences,
  sum(participants)                                            AS participants,
  round(avg(participants), 2)                                  AS mean_participants,
  count(CASE WHEN audio_video THEN 1 END)                      AS av_conferences,
  round(sum(CASE WHEN audio_video THEN seconds END) / 60.0, 1) AS av_minutes,
  round(sum(audio_video_seconds) / 60.0, 1)                    AS av_participant_minutes,
  round(avg(CASE WHEN audio_video THEN seconds END) / 60.0, 2) AS mean_av_minutes,
  count(CASE WHEN app_sharing THEN 1 END)                      AS app_sharing_conferences,
  count(CASE WHEN chat THEN 1 END)                             AS im_conferences,
  sum(messages)                                                AS messages,
  count(DISTINCT organizer)                                    AS organizers,
  count(CASE WHEN telephone_participants > 0 THEN 1 END)       AS dial_in_conferences,
  sum(telephone_participants)                                  AS telephone_participants
FROM cdr.conferences
WHERE NOT synthetic
  AND started >= $from
  AND started < $to
GROUP BY 1
ORDER BY period
