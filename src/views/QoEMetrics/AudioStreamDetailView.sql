-- Audio streams with their session, media line, both ends' machines, networks, devices and signal
-- figures, as Microsoft documents it. Network connection types and the codec stay keys, as on the
-- page; cdr.streams has their names. Prefix r is the caller, e the callee.
SELECT
  a.ConferenceDateTime          AS SessionTime,
  a.SessionSeq,
  a.StreamID                    AS StreamId,
  s.StartTime,
  s.EndTime,
  s.DialogCategory,
  s.MediationServerBypassFlag,
  s.MediaBypassWarningFlag,
  s.CallPriority,
  rp.PoolName                   AS CallerPool,
  ep.PoolName                   AS CalleePool,
  ru.URI                        AS Caller,
  eu.URI                        AS Callee,
  rg.UserAgent                  AS CallerUserAgent,
  rg.UAType                     AS CallerUserAgentType,
  rg.UACategory                 AS CallerUserAgentCategory,
  eg.UserAgent                  AS CalleeUserAgent,
  eg.UAType                     AS CalleeUserAgentType,
  eg.UACategory                 AS CalleeUserAgentCategory,
  rn.Name                       AS CallerEndpoint,
  en.Name                       AS CalleeEndpoint,
  rn.OS                         AS CallerOS,
  en.OS                         AS CalleeOS,
  rn.CPUName                    AS CallerCPUName,
  en.CPUName                    AS CalleeCPUName,
  rn.CPUNumberOfCores           AS CallerCPUNumberOfCores,
  en.CPUNumberOfCores           AS CalleeCPUNumberOfCores,
  rn.CPUProcessorSpeed          AS CallerCPUProcessorSpeed,
  en.CPUProcessorSpeed          AS CalleeCPUProcessorSpeed,
  rn.VirtualizationFlag         AS CallerVirtualizationFlag,
  en.VirtualizationFlag         AS CalleeVirtualizationFlag,
  s.CorrelationKey,
  m.ConnectivityIce,
  m.CallerIceWarningFlags,
  m.CalleeIceWarningFlags,
  m.Transport,
  r_ip.IPAddress                AS CallerIPAddr,
  m.CallerPort,
  m.CallerInside,
  e_ip.IPAddress                AS CalleeIPAddr,
  m.CalleePort,
  m.CalleeInside,
  r_net.site                    AS CallerUserSite,
  r_net.region                  AS CallerRegion,
  e_net.site                    AS CalleeUserSite,
  e_net.region                  AS CalleeRegion,
  r_relay.IPAddress             AS CallerRelayIPAddr,
  m.CallerRelayPort,
  e_relay.IPAddress             AS CalleeRelayIPAddr,
  m.CalleeRelayPort,
  r_mic.DeviceName              AS CallerCaptureDev,
  r_spk.DeviceName              AS CallerRenderDev,
  r_micd.DeviceDriver           AS CallerCaptureDevDriver,
  r_spkd.DeviceDriver           AS CallerRenderDriver,
  e_mic.DeviceName              AS CalleeCaptureDev,
  e_spk.DeviceName              AS CalleeRenderDev,
  e_micd.DeviceDriver           AS CalleeCaptureDevDriver,
  e_spkd.DeviceDriver           AS CalleeRenderDevDriver,
  m.CallerNetworkConnectionType,
  m.CallerVPN,
  m.CallerLinkSpeed,
  m.CalleeNetworkConnectionType,
  m.CalleeVPN,
  m.CalleeLinkSpeed,
  m.ConversationalMOS,
  m.AppliedBandwidthLimit,
  a.JitterInterArrival,
  a.JitterInterArrivalMax,
  a.PacketLossRate,
  a.PacketLossRateMax,
  a.BurstDensity,
  a.BurstDuration,
  a.BurstGapDensity,
  a.BurstGapDuration,
  a.PacketUtilization,
  a.BandwidthEst,
  a.DegradationAvg,
  a.DegradationMax,
  a.DegradationJitterAvg,
  a.DegradationPacketLossAvg,
  a.AudioPayloadDescription     AS PayloadDescription,
  a.AudioSampleRate,
  rs.SendSignalLevel            AS CallerSendSignalLevel,
  rs.RecvSignalLevel            AS CallerRecvSignalLevel,
  rs.SendNoiseLevel             AS CallerSendNoiseLevel,
  rs.RecvNoiseLevel             AS CallerRecvNoiseLevel,
  rs.EchoReturn                 AS CallerEchoReturn,
  rs.AudioSpeakerGlitchRate     AS CallerSpeakerGlitchRate,
  rs.AudioMicGlitchRate         AS CallerMicGlitchRate,
  rs.AudioTimestampDriftRateMic AS CallerTimestampDriftRateMic,
  rs.AudioTimestampDriftRateSpk AS CallerTimestampDriftRateSpk,
  rs.AudioTimestampErrorMicMs   AS CallerTimestampErrorMicMs,
  rs.AudioTimestampErrorSpkMs   AS CallerTimestampErrorSpkMs,
  rs.VsEntryCauses              AS CallerVsEntryCauses,
  rs.EchoEventCauses            AS CallerEchoEventCauses,
  rs.EchoPercentMicIn           AS CallerEchoPercentMicIn,
  rs.EchoPercentSend            AS CallerEchoPercentSend,
  rs.RxAGCSignalLevel           AS CallerRxAGCSignalLevel,
  rs.RxAGCNoiseLevel            AS CallerRxAGCNoiseLevel,
  rs.RxAvgAGCGain               AS CallerRxAGCGain,
  rs.InitialSignalLevelRMS      AS CallerInitialSignalLevelRMS,
  es.SendSignalLevel            AS CalleeSendSignalLevel,
  es.RecvSignalLevel            AS CalleeRecvSignalLevel,
  es.SendNoiseLevel             AS CalleeSendNoiseLevel,
  es.RecvNoiseLevel             AS CalleeRecvNoiseLevel,
  es.EchoReturn                 AS CalleeEchoReturn,
  es.AudioSpeakerGlitchRate     AS CalleeSpeakerGlitchRate,
  es.AudioMicGlitchRate         AS CalleeMicGlitchRate,
  es.AudioTimestampDriftRateMic AS CalleeTimestampDriftRateMic,
  es.AudioTimestampDriftRateSpk AS CalleeTimestampDriftRateSpk,
  es.AudioTimestampErrorMicMs   AS CalleeTimestampErrorMicMs,
  es.AudioTimestampErrorSpkMs   AS CalleeTimestampErrorSpkMs,
  es.VsEntryCauses              AS CalleeVsEntryCauses,
  es.EchoEventCauses            AS CalleeEchoEventCauses,
  es.EchoPercentMicIn           AS CalleeEchoPercentMicIn,
  es.EchoPercentSend            AS CalleeEchoPercentSend,
  es.RxAGCSignalLevel           AS CalleeRxAGCSignalLevel,
  es.RxAGCNoiseLevel            AS CalleeRxAGCNoiseLevel,
  es.RxAvgAGCGain               AS CalleeRxAGCGain,
  es.InitialSignalLevelRMS      AS CalleeInitialSignalLevelRMS,
  a.RatioConcealedSamplesAvg,
  a.RatioStretchedSamplesAvg,
  a.RatioCompressedSamplesAvg,
  a.RoundTrip,
  a.RoundTripMax,
  a.OverallAvgNetworkMOS,
  a.OverallMinNetworkMOS,
  a.SendListenMOS,
  a.SendListenMOSMin,
  a.RecvListenMOS,
  a.RecvListenMOSMin,
  a.AudioFECUsed,
  a.SenderIsCallerPAI
FROM QoEMetrics.dbo.AudioStream a
LEFT JOIN QoEMetrics.dbo.MediaLine m
  ON m.ConferenceDateTime = a.ConferenceDateTime
  AND m.SessionSeq = a.SessionSeq
  AND m.MediaLineLabel = a.MediaLineLabel
LEFT JOIN QoEMetrics.dbo.Session s
  ON s.ConferenceDateTime = a.ConferenceDateTime
  AND s.SessionSeq = a.SessionSeq
LEFT JOIN QoEMetrics.dbo.AudioSignal rs
  ON rs.ConferenceDateTime = a.ConferenceDateTime
  AND rs.SessionSeq = a.SessionSeq
  AND rs.MediaLineLabel = a.MediaLineLabel
  AND rs.FromCaller
LEFT JOIN QoEMetrics.dbo.AudioSignal es
  ON es.ConferenceDateTime = a.ConferenceDateTime
  AND es.SessionSeq = a.SessionSeq
  AND es.MediaLineLabel = a.MediaLineLabel
  AND NOT es.FromCaller
LEFT JOIN QoEMetrics.dbo.Pool rp ON rp.PoolKey = s.CallerPool
LEFT JOIN QoEMetrics.dbo.Pool ep ON ep.PoolKey = s.CalleePool
LEFT JOIN QoEMetrics.dbo.[User] ru ON ru.UserKey = s.CallerURI
LEFT JOIN QoEMetrics.dbo.[User] eu ON eu.UserKey = s.CalleeUri
LEFT JOIN QoEMetrics.dbo.UserAgentView rg ON rg.UserAgentKey = s.CallerUserAgent
LEFT JOIN QoEMetrics.dbo.UserAgentView eg ON eg.UserAgentKey = s.CalleeUserAgent
LEFT JOIN QoEMetrics.dbo.Endpoint rn ON rn.EndpointKey = s.CallerEndpoint
LEFT JOIN QoEMetrics.dbo.Endpoint en ON en.EndpointKey = s.CalleeEndpoint
LEFT JOIN QoEMetrics.dbo.IPAddress r_ip ON r_ip.IPAddressKey = m.CallerIPAddr
LEFT JOIN QoEMetrics.dbo.IPAddress r_relay ON r_relay.IPAddressKey = m.CallerRelayIPAddr
LEFT JOIN QoEMetrics.dbo.Device r_mic ON r_mic.DeviceKey = m.CallerCaptureDev
LEFT JOIN QoEMetrics.dbo.Device r_spk ON r_spk.DeviceKey = m.CallerRenderDev
LEFT JOIN QoEMetrics.dbo.DeviceDriver r_micd ON r_micd.DeviceDriverKey = m.CallerCaptureDevDriver
LEFT JOIN QoEMetrics.dbo.DeviceDriver r_spkd ON r_spkd.DeviceDriverKey = m.CallerRenderDevDriver
LEFT JOIN QoEMetrics.dbo.IPAddress e_ip ON e_ip.IPAddressKey = m.CalleeIPAddr
LEFT JOIN QoEMetrics.dbo.IPAddress e_relay ON e_relay.IPAddressKey = m.CalleeRelayIPAddr
LEFT JOIN QoEMetrics.dbo.Device e_mic ON e_mic.DeviceKey = m.CalleeCaptureDev
LEFT JOIN QoEMetrics.dbo.Device e_spk ON e_spk.DeviceKey = m.CalleeRenderDev
LEFT JOIN QoEMetrics.dbo.DeviceDriver e_micd ON e_micd.DeviceDriverKey = m.CalleeCaptureDevDriver
LEFT JOIN QoEMetrics.dbo.DeviceDriver e_spkd ON e_spkd.DeviceDriverKey = m.CalleeRenderDevDriver
LEFT JOIN QoEMetrics.dbo.IPAddress r_sub ON r_sub.IPAddressKey = m.CallerSubnet
LEFT JOIN cdr.subnets r_net ON r_net.subnet = r_sub.IPAddress
LEFT JOIN QoEMetrics.dbo.IPAddress e_sub ON e_sub.IPAddressKey = m.CalleeSubnet
LEFT JOIN cdr.subnets e_net ON e_net.subnet = e_sub.IPAddress
