-- Microphones by what they do to sound.
-- Listening quality of what they sent before the network touched it, microphone glitches and echo as
-- the far end would hear it, the share of poor streams, and what the sender's client complained of:
-- sound one way at a time (voice switch), a microphone that does not work, echo. By capture device of
-- the sender; speakers.sql is about what played the sound. Devices with few streams are left out: one
-- bad room must not condemn a make. Microsoft's Call Quality Methodology asks for more than 3.6 MOS and
-- at most one glitch in five minutes.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $least: fewest streams to judge by, such as 100
SELECT
  s.microphone                                          AS device,
  count(s.send_listen_mos)                              AS streams,
  count(DISTINCT s.sender)                              AS people,
  round(avg(s.send_listen_mos), 2)                      AS send_listen_mos,
  (avg(s.send_listen_mos) > 3.6)                        AS mos_on_target,
  round(avg(g.AudioMicGlitchRate), 2)                   AS glitches_per_5_min,
  (avg(g.AudioMicGlitchRate) <= 1)                      AS glitches_on_target,
  round(avg(g.EchoPercentMicIn), 2)                     AS echo_in_pct,
  round(avg(g.EchoPercentSend), 2)                      AS echo_sent_pct,
  round(100 * poor_stream_ratio(s.verdict_lync2013), 1) AS poor_pct,
  round(avg(e.DeviceHalfDuplexAECEventRatio), 4)        AS voice_switch_ratio,
  round(100.0 * count(*) FILTER (WHERE e.DeviceHalfDuplexAECEventRatio > 0) / count(e.DeviceHalfDuplexAECEventRatio), 1) AS with_voice_switch_pct,
  round(avg(e.DeviceCaptureNotFunctioningEventRatio), 4) AS not_functioning_ratio,
  round(100.0 * count(*) FILTER (WHERE e.DeviceEchoEventRatio > 0) / count(e.DeviceEchoEventRatio), 1) AS with_echo_pct
FROM cdr.flows s
LEFT JOIN QoEMetrics.dbo.AudioSignal g
  ON g.ConferenceDateTime = s.reported
  AND g.SessionSeq = s.session_seq
  AND g.MediaLineLabel = s.line
  AND g.FromCaller = s.from_caller
LEFT JOIN QoEMetrics.dbo.AudioClientEvent e
  ON e.ConferenceDateTime = s.reported
  AND e.SessionSeq = s.session_seq
  AND e.MediaLineLabel = s.line
  AND e.FromCaller = s.from_caller
WHERE s.microphone IS NOT NULL
  AND s.reported >= CAST($from AS TIMESTAMP)
  AND s.reported < CAST($until AS TIMESTAMP)
GROUP BY s.microphone
HAVING count(s.send_listen_mos) >= CAST($least AS INT)
ORDER BY avg(s.send_listen_mos)
