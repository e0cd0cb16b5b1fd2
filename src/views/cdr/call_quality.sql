-- One row per call with media: the session of LcsCDR and the quality report of QoEMetrics, joined by
-- the SIP dialog id that both keep. What only one database knows is kept: `found_in` says both,
-- LcsCDR or QoEMetrics. Streams are audio streams; `poor_lines` counts the lines, of any medium, that
-- the server called poor.
WITH recorded AS (
  SELECT
    d.SessionIdTime AS session_time,
    d.SessionIdSeq  AS session_seq,
    left(TRY_CAST(d.ExternalId AS VARCHAR), 256) AS dialog,
    s.from_id,
    s.to_id,
    s.kind,
    s.seconds,
    s.response_code
  FROM cdr.sessions s
  JOIN LcsCDR.dbo.Dialogs d
    ON d.SessionIdTime = s.session_time
    AND d.SessionIdSeq = s.session_seq
  WHERE s.answered IS NOT NULL
    AND (s.media & 56) <> 0
  UNION ALL
  SELECT
    d.SessionIdTime AS session_time,
    d.SessionIdSeq  AS session_seq,
    left(TRY_CAST(d.ExternalId AS VARCHAR), 256) AS dialog,
    c.UserId        AS from_id,
    NULL            AS to_id,
    'meeting'       AS kind,
    CAST(round(date_part('epoch', c.SessionEndTime) - date_part('epoch', c.ResponseTime)) AS BIGINT) AS seconds,
    c.ResponseCode  AS response_code
  FROM LcsCDR.dbo.ConferenceSessionDetails c
  JOIN LcsCDR.dbo.UriTypes k ON k.UriTypeId = c.UriTypeId
  JOIN LcsCDR.dbo.Dialogs d
    ON d.SessionIdTime = c.SessionIdTime
    AND d.SessionIdSeq = c.SessionIdSeq
  WHERE c.ResponseCode BETWEEN 200 AND 299
    AND k.UriType IN ('conf:audio-video', 'conf:applicationsharing')
),
lines AS (
  SELECT
    ConferenceDateTime,
    SessionSeq,
    count(*)                                         AS lines,
    count(CASE WHEN ClassifiedPoorCall THEN 1 END)   AS poor_lines
  FROM QoEMetrics.dbo.MediaLine
  GROUP BY
    ConferenceDateTime,
    SessionSeq
),
audio AS (
  SELECT
    ConferenceDateTime,
    SessionSeq,
    count(*)                  AS streams,
    avg(OverallAvgNetworkMOS) AS network_mos,
    max(JitterInterArrival)   AS worst_jitter_ms,
    max(PacketLossRate)       AS worst_loss_ratio,
    max(RoundTrip)            AS worst_round_trip_ms
  FROM QoEMetrics.dbo.AudioStream
  GROUP BY
    ConferenceDateTime,
    SessionSeq
),
reported AS (
  SELECT
    s.ConferenceDateTime AS reported,
    s.SessionSeq         AS report_seq,
    d.DialogID           AS dialog,
    s.StartTime          AS started,
    s.EndTime            AS ended,
    s.CallerURI          AS caller_id,
    s.CalleeUri          AS callee_id,
    l.lines,
    l.poor_lines,
    a.streams,
    a.network_mos,
    a.worst_jitter_ms,
    a.worst_loss_ratio,
    a.worst_round_trip_ms
  FROM QoEMetrics.dbo.Session s
  LEFT JOIN QoEMetrics.dbo.Dialog d
    ON d.ConferenceDateTime = s.ConferenceDateTime
    AND d.SessionSeq = s.SessionSeq
  LEFT JOIN lines l
    ON l.ConferenceDateTime = s.ConferenceDateTime
    AND l.SessionSeq = s.SessionSeq
  LEFT JOIN audio a
    ON a.ConferenceDateTime = s.ConferenceDateTime
    AND a.SessionSeq = s.SessionSeq
)
SELECT
  CASE
    WHEN q.reported IS NULL THEN 'LcsCDR'
    WHEN c.session_time IS NULL THEN 'QoEMetrics'
    ELSE 'both'
  END                                  AS found_in,
  c.session_time,
  c.session_seq,
  q.reported,
  q.report_seq,
  coalesce(c.dialog, q.dialog)         AS dialog,
  coalesce(c.session_time, q.started)  AS started,
  coalesce(c.seconds, CAST(round(date_part('epoch', q.ended) - date_part('epoch', q.started)) AS BIGINT)) AS seconds,
  coalesce(f.person, qf.person)        AS caller,
  coalesce(t.person, qt.person)        AS callee,
  c.kind,
  c.response_code,
  q.lines,
  q.poor_lines,
  (q.poor_lines > 0)                   AS poor,
  q.streams,
  q.network_mos,
  q.worst_jitter_ms,
  q.worst_loss_ratio,
  q.worst_round_trip_ms
FROM recorded c
FULL JOIN reported q ON q.dialog = c.dialog
LEFT JOIN cdr.identities f ON f.source = 'LcsCDR' AND f.user_id = c.from_id
LEFT JOIN cdr.identities t ON t.source = 'LcsCDR' AND t.user_id = c.to_id
LEFT JOIN cdr.identities qf ON qf.source = 'QoEMetrics' AND qf.user_id = q.caller_id
LEFT JOIN cdr.identities qt ON qt.source = 'QoEMetrics' AND qt.user_id = q.callee_id
