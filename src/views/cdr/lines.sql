-- Media lines with both ends' people, machines and networks under readable names: what cdr.streams,
-- cdr.video_streams and cdr.sharing_streams share. `started` and `ended` are those of the call;
-- `reported` is when its first report arrived, which orders and prunes the tables. Link speeds are
-- in bit/s. `stored_poor` is the server's own verdict on the line.
SELECT
  m.ConferenceDateTime        AS reported,
  m.SessionSeq                AS session_seq,
  m.MediaLineLabel            AS line,
  s.StartTime                 AS started,
  s.EndTime                   AS ended,
  CAST(round(date_part('epoch', s.EndTime) - date_part('epoch', s.StartTime)) AS BIGINT) AS seconds,
  ru.person                   AS caller,
  eu.person                   AS callee,
  rg.UserAgent                AS caller_client,
  rg.UACategory               AS caller_client_kind,
  eg.UserAgent                AS callee_client,
  eg.UACategory               AS callee_client_kind,
  CASE
    WHEN rg.UACategory = 'MediationServer' OR eg.UACategory = 'MediationServer' THEN 'telephone'
    WHEN rg.UACategory = 'AV-MCU' OR eg.UACategory = 'AV-MCU' THEN 'meeting'
    WHEN rg.UACategory IN ('CAA', 'RGS', 'ExUM') OR eg.UACategory IN ('CAA', 'RGS', 'ExUM') THEN 'service'
    ELSE 'peer to peer'
  END                         AS call_kind,
  rn.Name                     AS caller_machine,
  en.Name                     AS callee_machine,
  rn.OS                       AS caller_os,
  en.OS                       AS callee_os,
  r_net.NetworkConnectionDetail AS caller_connection,
  e_net.NetworkConnectionDetail AS callee_connection,
  r_ip.IPAddress              AS caller_address,
  e_ip.IPAddress              AS callee_address,
  r_sub.IPAddress             AS caller_subnet,
  e_sub.IPAddress             AS callee_subnet,
  r_site.site                 AS caller_site,
  e_site.site                 AS callee_site,
  r_site.region               AS caller_region,
  e_site.region               AS callee_region,
  r_ap.MacAddress             AS caller_access_point,
  e_ap.MacAddress             AS callee_access_point,
  m.CallerInside              AS caller_inside,
  m.CalleeInside              AS callee_inside,
  m.CallerVPN                 AS caller_vpn,
  m.CalleeVPN                 AS callee_vpn,
  m.CallerLinkSpeed           AS caller_link_speed,
  m.CalleeLinkSpeed           AS callee_link_speed,
  (m.CallerRelayIPAddr IS NOT NULL OR m.CalleeRelayIPAddr IS NOT NULL) AS relayed,
  CASE m.Transport WHEN 0 THEN 'UDP' WHEN 1 THEN 'TCP' END AS transport,
  r_mic.DeviceName            AS caller_microphone,
  e_mic.DeviceName            AS callee_microphone,
  r_spk.DeviceName            AS caller_speaker,
  e_spk.DeviceName            AS callee_speaker,
  m.ConversationalMOS         AS conversational_mos,
  m.AppliedBandwidthLimit     AS bandwidth_limit,
  m.MidCallReport             AS mid_call,
  m.ClassifiedPoorCall        AS stored_poor,
  s.CorrelationKey            AS correlation_key
FROM QoEMetrics.dbo.MediaLine m
LEFT JOIN QoEMetrics.dbo.Session s
  ON s.ConferenceDateTime = m.ConferenceDateTime
  AND s.SessionSeq = m.SessionSeq
LEFT JOIN cdr.identities ru ON ru.source = 'QoEMetrics' AND ru.user_id = s.CallerURI
LEFT JOIN cdr.identities eu ON eu.source = 'QoEMetrics' AND eu.user_id = s.CalleeUri
LEFT JOIN QoEMetrics.dbo.UserAgentView rg ON rg.UserAgentKey = s.CallerUserAgent
LEFT JOIN QoEMetrics.dbo.UserAgentView eg ON eg.UserAgentKey = s.CalleeUserAgent
LEFT JOIN QoEMetrics.dbo.Endpoint rn ON rn.EndpointKey = s.CallerEndpoint
LEFT JOIN QoEMetrics.dbo.Endpoint en ON en.EndpointKey = s.CalleeEndpoint
LEFT JOIN QoEMetrics.dbo.NetworkConnectionDetail r_net
  ON r_net.NetworkConnectionDetailKey = m.CallerNetworkConnectionType
LEFT JOIN QoEMetrics.dbo.NetworkConnectionDetail e_net
  ON e_net.NetworkConnectionDetailKey = m.CalleeNetworkConnectionType
LEFT JOIN QoEMetrics.dbo.IPAddress r_ip ON r_ip.IPAddressKey = m.CallerIPAddr
LEFT JOIN QoEMetrics.dbo.IPAddress e_ip ON e_ip.IPAddressKey = m.CalleeIPAddr
LEFT JOIN QoEMetrics.dbo.IPAddress r_sub ON r_sub.IPAddressKey = m.CallerSubnet
LEFT JOIN QoEMetrics.dbo.IPAddress e_sub ON e_sub.IPAddressKey = m.CalleeSubnet
LEFT JOIN cdr.subnets r_site ON r_site.subnet = r_sub.IPAddress
LEFT JOIN cdr.subnets e_site ON e_site.subnet = e_sub.IPAddress
LEFT JOIN QoEMetrics.dbo.MacAddress r_ap ON r_ap.MacAddressKey = m.CallerBssid
LEFT JOIN QoEMetrics.dbo.MacAddress e_ap ON e_ap.MacAddressKey = m.CalleeBssid
LEFT JOIN QoEMetrics.dbo.Device r_mic ON r_mic.DeviceKey = m.CallerCaptureDev
LEFT JOIN QoEMetrics.dbo.Device e_mic ON e_mic.DeviceKey = m.CalleeCaptureDev
LEFT JOIN QoEMetrics.dbo.Device r_spk ON r_spk.DeviceKey = m.CallerRenderDev
LEFT JOIN QoEMetrics.dbo.Device e_spk ON e_spk.DeviceKey = m.CalleeRenderDev
