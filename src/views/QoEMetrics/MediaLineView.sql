-- Media lines with the text of what they name by key, as Microsoft documents it.
SELECT
  m.ConferenceDateTime,
  m.SessionSeq,
  m.MediaLineLabel,
  m.CallerIceWarningFlags,
  m.CalleeIceWarningFlags,
  m.Security,
  m.Transport,
  r_ip.IPAddress                AS CallerIPAddr,
  m.CallerPort,
  m.CallerInside,
  r_mac.MacAddress              AS CallerMacAddress,
  r_relay.IPAddress             AS CallerRelayIPAddr,
  m.CallerRelayPort,
  r_nat.IPAddress               AS CallerReflexiveIPAddr,
  r_mic.DeviceName              AS CallerCaptureDev,
  r_spk.DeviceName              AS CallerRenderDev,
  r_micd.DeviceDriver           AS CallerCaptureDevDriver,
  r_spkd.DeviceDriver           AS CallerRenderDevDriver,
  r_wifi.DeviceDriver           AS CallerWifiDriverDeviceDesc,
  r_wifiv.DeviceDriver          AS CallerWifiDriverVersion,
  r_net.NetworkConnectionDetail AS CallerNetworkConnectionDetail,
  r_ap.MacAddress               AS CallerBssid,
  m.CallerVPN,
  e_ip.IPAddress                AS CalleeIPAddr,
  m.CalleePort,
  m.CalleeInside,
  e_mac.MacAddress              AS CalleeMacAddress,
  e_relay.IPAddress             AS CalleeRelayIPAddr,
  m.CalleeRelayPort,
  e_nat.IPAddress               AS CalleeReflexiveIPAddr,
  e_mic.DeviceName              AS CalleeCaptureDev,
  e_spk.DeviceName              AS CalleeRenderDev,
  e_micd.DeviceDriver           AS CalleeCaptureDevDriver,
  e_spkd.DeviceDriver           AS CalleeRenderDevDriver,
  e_wifi.DeviceDriver           AS CalleeWifiDriverDeviceDesc,
  e_wifiv.DeviceDriver          AS CalleeWifiDriverVersion,
  e_net.NetworkConnectionDetail AS CalleeNetworkConnectionDetail,
  e_ap.MacAddress               AS CalleeBssid,
  m.CalleeVPN,
  m.ConversationalMOS,
  m.AppliedBandwidthLimit,
  b.AppliedBandwidthSource,
  m.Caller,
  m.Callee,
  m.MidCallReport,
  m.ClassifiedPoorCall,
  m.CallerConnectivityICE,
  m.CalleeConnectivityICE
FROM QoEMetrics.dbo.MediaLine m
LEFT JOIN QoEMetrics.dbo.IPAddress r_ip ON r_ip.IPAddressKey = m.CallerIPAddr
LEFT JOIN QoEMetrics.dbo.MacAddress r_mac ON r_mac.MacAddressKey = m.CallerMacAddress
LEFT JOIN QoEMetrics.dbo.IPAddress r_relay ON r_relay.IPAddressKey = m.CallerRelayIPAddr
LEFT JOIN QoEMetrics.dbo.IPAddress r_nat ON r_nat.IPAddressKey = m.CallerReflexiveLocalIPAddr
LEFT JOIN QoEMetrics.dbo.Device r_mic ON r_mic.DeviceKey = m.CallerCaptureDev
LEFT JOIN QoEMetrics.dbo.Device r_spk ON r_spk.DeviceKey = m.CallerRenderDev
LEFT JOIN QoEMetrics.dbo.DeviceDriver r_micd ON r_micd.DeviceDriverKey = m.CallerCaptureDevDriver
LEFT JOIN QoEMetrics.dbo.DeviceDriver r_spkd ON r_spkd.DeviceDriverKey = m.CallerRenderDevDriver
LEFT JOIN QoEMetrics.dbo.DeviceDriver r_wifi ON r_wifi.DeviceDriverKey = m.CallerWiFiDriverDevicesDesc
LEFT JOIN QoEMetrics.dbo.DeviceDriver r_wifiv ON r_wifiv.DeviceDriverKey = m.CallerWiFiDriverVersion
LEFT JOIN QoEMetrics.dbo.NetworkConnectionDetail r_net ON r_net.NetworkConnectionDetailKey = m.CallerNetworkConnectionType
LEFT JOIN QoEMetrics.dbo.MacAddress r_ap ON r_ap.MacAddressKey = m.CallerBssid
LEFT JOIN QoEMetrics.dbo.IPAddress e_ip ON e_ip.IPAddressKey = m.CalleeIPAddr
LEFT JOIN QoEMetrics.dbo.MacAddress e_mac ON e_mac.MacAddressKey = m.CalleeMacAddress
LEFT JOIN QoEMetrics.dbo.IPAddress e_relay ON e_relay.IPAddressKey = m.CalleeRelayIPAddr
LEFT JOIN QoEMetrics.dbo.IPAddress e_nat ON e_nat.IPAddressKey = m.CalleReflexiveLocalIPAddr
LEFT JOIN QoEMetrics.dbo.Device e_mic ON e_mic.DeviceKey = m.CalleeCaptureDev
LEFT JOIN QoEMetrics.dbo.Device e_spk ON e_spk.DeviceKey = m.CalleeRenderDev
LEFT JOIN QoEMetrics.dbo.DeviceDriver e_micd ON e_micd.DeviceDriverKey = m.CalleeCaptureDevDriver
LEFT JOIN QoEMetrics.dbo.DeviceDriver e_spkd ON e_spkd.DeviceDriverKey = m.CalleeRenderDevDriver
LEFT JOIN QoEMetrics.dbo.DeviceDriver e_wifi ON e_wifi.DeviceDriverKey = m.CalleeWiFiDriverDevicesDesc
LEFT JOIN QoEMetrics.dbo.DeviceDriver e_wifiv ON e_wifiv.DeviceDriverKey = m.CalleeWiFiDriverVersion
LEFT JOIN QoEMetrics.dbo.NetworkConnectionDetail e_net ON e_net.NetworkConnectionDetailKey = m.CalleeNetworkConnectionType
LEFT JOIN QoEMetrics.dbo.MacAddress e_ap ON e_ap.MacAddressKey = m.CalleeBssid
LEFT JOIN QoEMetrics.dbo.AppliedBandwidthSource b ON b.AppliedBandwidthSourceKey = m.AppliedBandwidthSourceKey
