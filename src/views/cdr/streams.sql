-- One row per audio stream: when, between whom, on which machines, networks and devices, every
-- metric with its unit in the name (ms, ratio 0 to 1, MOS 1 to 5, bit/s), the server's stored verdict
-- on the line, our verdicts by rule set, and why the first of them says poor (a bit mask, see
-- poor_audio_reasons). `one_way_ms` is estimated from round trip and jitter; `r` and `mos` are the
-- E-model's, null where the codec's impairment was never published. `stream` and `line` number the
-- streams of one call; filter on `reported`, which prunes files.
WITH coded AS (
  SELECT
    s.*,
    p.PayloadDescription                              AS codec,
    est_one_way_ms(s.RoundTrip, s.JitterInterArrival) AS one_way_ms
  FROM QoEMetrics.dbo.AudioStream s
  LEFT JOIN QoEMetrics.dbo.PayloadDescription p ON p.PayloadDescriptionKey = s.AudioPayloadDescription
),
rated AS (
  SELECT
    *,
    e_model_r(codec_ie(codec), codec_bpl(codec, 'plc'), 100.0 * PacketLossRate, 1.0, one_way_ms) AS r
  FROM coded
)
SELECT
  a.ConferenceDateTime        AS reported,
  a.SessionSeq                AS session_seq,
  a.MediaLineLabel            AS line,
  a.StreamID                  AS stream,
  l.started,
  l.ended,
  l.seconds,
  l.caller,
  l.callee,
  CASE WHEN a.SenderIsCallerPAI THEN 'caller to callee' WHEN NOT a.SenderIsCallerPAI THEN 'callee to caller' END AS direction,
  l.caller_client,
  l.caller_client_kind,
  l.callee_client,
  l.callee_client_kind,
  l.call_kind,
  l.caller_machine,
  l.callee_machine,
  l.caller_os,
  l.callee_os,
  l.caller_connection,
  l.callee_connection,
  l.caller_address,
  l.callee_address,
  l.caller_subnet,
  l.callee_subnet,
  l.caller_site,
  l.callee_site,
  l.caller_region,
  l.callee_region,
  l.caller_access_point,
  l.callee_access_point,
  l.caller_inside,
  l.callee_inside,
  l.caller_vpn,
  l.callee_vpn,
  l.caller_link_speed,
  l.callee_link_speed,
  l.relayed,
  l.transport,
  l.caller_microphone,
  l.callee_microphone,
  l.caller_speaker,
  l.callee_speaker,
  a.codec,
  a.AudioSampleRate           AS sample_rate_hz,
  a.JitterInterArrival        AS jitter_ms,
  a.JitterInterArrivalMax     AS jitter_max_ms,
  a.PacketLossRate            AS loss_ratio,
  a.PacketLossRateMax         AS loss_max_ratio,
  a.RoundTrip                 AS round_trip_ms,
  a.RoundTripMax              AS round_trip_max_ms,
  a.DegradationAvg            AS degradation_mos,
  a.DegradationMax            AS degradation_max_mos,
  a.OverallAvgNetworkMOS      AS network_mos,
  a.OverallMinNetworkMOS      AS network_mos_min,
  a.SendListenMOS             AS send_listen_mos,
  a.SendListenMOSMin          AS send_listen_mos_min,
  a.RecvListenMOS             AS receive_listen_mos,
  a.RecvListenMOSMin          AS receive_listen_mos_min,
  l.conversational_mos,
  a.RatioConcealedSamplesAvg  AS concealed_ratio,
  a.RatioStretchedSamplesAvg  AS stretched_ratio,
  a.RatioCompressedSamplesAvg AS compressed_ratio,
  a.HealerPacketDropRatio     AS healer_drop_ratio,
  a.AudioPostFECPLR           AS loss_after_fec_ratio,
  a.AudioFECUsed              AS fec,
  a.PacketUtilization         AS packets,
  a.BandwidthEst              AS bandwidth_estimate,
  a.BurstDensity              AS burst_density,
  a.BurstDuration             AS burst_ms,
  a.BurstGapDensity           AS gap_density,
  a.BurstGapDuration          AS gap_ms,
  a.Inbound                   AS inbound,
  a.Outbound                  AS outbound,
  l.bandwidth_limit,
  l.mid_call,
  l.stored_poor,
  classify_audio_stream(
    a.DegradationAvg,
    a.RoundTrip,
    a.PacketLossRate,
    a.JitterInterArrival,
    a.RatioConcealedSamplesAvg,
    a.PacketUtilization,
    'lync2013'
  ) AS verdict_lync2013,
  classify_audio_stream(
    a.DegradationAvg,
    a.RoundTrip,
    a.PacketLossRate,
    a.JitterInterArrival,
    a.RatioConcealedSamplesAvg,
    a.PacketUtilization,
    'cqd2019'
  ) AS verdict_cqd2019,
  classify_audio_stream(
    a.DegradationAvg,
    a.RoundTrip,
    a.PacketLossRate,
    a.JitterInterArrival,
    a.RatioConcealedSamplesAvg,
    a.PacketUtilization,
    'cqd2024'
  ) AS verdict_cqd2024,
  poor_audio_reasons(
    a.DegradationAvg,
    a.RoundTrip,
    a.PacketLossRate,
    a.JitterInterArrival,
    a.RatioConcealedSamplesAvg,
    a.PacketUtilization,
    'lync2013'
  ) AS reasons,
  a.one_way_ms,
  a.r,
  r_to_mos(a.r) AS mos
FROM rated a
LEFT JOIN cdr.lines l
  ON l.reported = a.ConferenceDateTime
  AND l.session_seq = a.SessionSeq
  AND l.line = a.MediaLineLabel
