-- Loudspeakers and earpieces by what they do to sound.
-- Glitches of what played the sound, and what the receiver's client complained of: a speaker that does
-- not work, glitches, echo that comes back through the microphone; with the share of poor streams. By
-- render device of the receiver; devices.sql is about microphones. Devices with few streams are left
-- out.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $least: fewest streams to judge by, such as 100
SELECT
  s.speaker                                              AS device,
  count(*)                                               AS streams,
  count(DISTINCT s.receiver)                             AS people,
  round(100 * poor_stream_ratio(s.verdict_lync2013), 1)  AS poor_pct,
  round(avg(g.AudioSpeakerGlitchRate), 2)                AS glitches_per_5_min,
  round(avg(e.DeviceRenderNotFunctioningEventRatio), 4)  AS not_functioning_ratio,
  round(avg(e.DeviceGlitchesEventRatio), 4)              AS glitches_ratio,
  round(100.0 * count(*) FILTER (WHERE e.DeviceEchoEventRatio > 0) / count(e.DeviceEchoEventRatio), 1) AS with_echo_pct
FROM cdr.flows s
LEFT JOIN QoEMetrics.dbo.AudioSignal g
  ON g.ConferenceDateTime = s.reported
  AND g.SessionSeq = s.session_seq
  AND g.MediaLineLabel = s.line
  AND g.FromCaller <> s.from_caller
LEFT JOIN QoEMetrics.dbo.AudioClientEvent e
  ON e.ConferenceDateTime = s.reported
  AND e.SessionSeq = s.session_seq
  AND e.MediaLineLabel = s.line
  AND e.FromCaller <> s.from_caller
WHERE s.speaker IS NOT NULL
  AND s.inbound
  AND s.reported >= CAST($from AS TIMESTAMP)
  AND s.reported < CAST($until AS TIMESTAMP)
GROUP BY s.speaker
HAVING count(*) >= CAST($least AS INT)
ORDER BY avg(e.DeviceGlitchesEventRatio) DESC, s.speaker
