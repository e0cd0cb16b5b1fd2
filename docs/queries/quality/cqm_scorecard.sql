-- The scorecard of Microsoft's Call Quality Methodology.
-- One line for each thing that it sets a target for: the legs between servers (poor beyond 1 % loss,
-- or 5 % at worst), what clients and servers send each other over wire and Wi-Fi by site (poor by the
-- rule set lync2013), devices, and media on ways that it should not take. Sites and devices with few
-- streams are left out. What misses its target comes first.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
-- $site_streams: fewest streams to judge a site by, such as 300
-- $device_streams: fewest streams to judge a device by, such as 100
WITH flows AS (
  SELECT
    *,
    (sender_client_kind = 'MediationServer' OR receiver_client_kind = 'MediationServer') AS mediated,
    (sender_client_kind = 'AV-MCU' OR receiver_client_kind = 'AV-MCU')                   AS conferenced,
    coalesce(sender_client_kind, 'Gateway') IN ('MediationServer', 'AV-MCU', 'CAA', 'RGS', 'ExUM', 'Gateway') AS from_server,
    coalesce(receiver_client_kind, 'Gateway') IN ('MediationServer', 'AV-MCU', 'CAA', 'RGS', 'ExUM', 'Gateway') AS to_server
  FROM cdr.flows
  WHERE reported >= CAST($from AS TIMESTAMP)
    AND reported < CAST($until AS TIMESTAMP)
),
between_servers AS (
  SELECT
    CASE WHEN conferenced THEN 'conferencing - mediation' ELSE 'mediation - gateway' END AS item,
    CASE WHEN loss_ratio IS NULL AND loss_max_ratio IS NULL THEN 'unclassified'
      WHEN loss_ratio > 0.01 OR loss_max_ratio > 0.05 THEN 'poor'
      ELSE 'good'
    END AS verdict
  FROM flows
  WHERE mediated
    AND (conferenced OR coalesce(sender_client_kind, 'Gateway') = 'Gateway' OR coalesce(receiver_client_kind, 'Gateway') = 'Gateway')
),
last_mile AS (
  SELECT
    CASE WHEN to_server THEN sender_connection ELSE receiver_connection END AS connection,
    CASE WHEN to_server THEN sender_site ELSE receiver_site END             AS site,
    verdict_lync2013
  FROM flows
  WHERE from_server <> to_server
    AND CASE WHEN to_server THEN sender_inside ELSE receiver_inside END
),
devices AS (
  SELECT
    f.microphone,
    f.send_listen_mos,
    g.AudioMicGlitchRate AS glitches
  FROM flows f
  LEFT JOIN QoEMetrics.dbo.AudioSignal g
    ON g.ConferenceDateTime = f.reported
    AND g.SessionSeq = f.session_seq
    AND g.MediaLineLabel = f.line
    AND g.FromCaller = f.from_caller
  WHERE f.outbound
    AND f.microphone IS NOT NULL
),
scores AS (
  SELECT
    'servers' AS area,
    item,
    'poor streams, %' AS metric,
    count(*) AS streams,
    100 * poor_stream_ratio(verdict) AS value,
    '< 2' AS target,
    (poor_stream_ratio(verdict) < 0.02) AS on_target
  FROM between_servers
  GROUP BY item
  UNION ALL
  SELECT
    CASE WHEN connection = 'WiFi' THEN 'last mile, Wi-Fi' ELSE 'last mile, wired' END AS area,
    site AS item,
    'poor streams, %' AS metric,
    count(*) AS streams,
    100 * poor_stream_ratio(verdict_lync2013) AS value,
    '< 5' AS target,
    (poor_stream_ratio(verdict_lync2013) < 0.05) AS on_target
  FROM last_mile
  WHERE site IS NOT NULL
    AND connection IN ('WiFi', 'Wired', 'Ethernet')
  GROUP BY 1, site
  HAVING count(*) > CAST($site_streams AS INT)
  UNION ALL
  SELECT 'devices' AS area, microphone AS item, 'sent listening MOS' AS metric, count(send_listen_mos) AS streams,
    avg(send_listen_mos) AS value, '> 3.6' AS target, (avg(send_listen_mos) > 3.6) AS on_target
  FROM devices
  GROUP BY microphone
  HAVING count(send_listen_mos) > CAST($device_streams AS INT)
  UNION ALL
  SELECT 'devices' AS area, microphone AS item, 'microphone glitches in 5 minutes' AS metric, count(glitches) AS streams,
    avg(glitches) AS value, '<= 1' AS target, (avg(glitches) <= 1) AS on_target
  FROM devices
  GROUP BY microphone
  HAVING count(glitches) > CAST($device_streams AS INT)
  UNION ALL
  SELECT 'transport' AS area, 'VPN' AS item, 'streams, %' AS metric, count(*) AS streams,
    100.0 * count(CASE WHEN sender_vpn OR receiver_vpn THEN 1 END) / count(*) AS value, '0' AS target,
    (count(CASE WHEN sender_vpn OR receiver_vpn THEN 1 END) = 0) AS on_target
  FROM flows
  UNION ALL
  SELECT 'transport' AS area, 'TCP' AS item, 'streams, %' AS metric, count(*) AS streams,
    100.0 * count(CASE WHEN transport = 'TCP' THEN 1 END) / count(*) AS value, '0' AS target,
    (count(CASE WHEN transport = 'TCP' THEN 1 END) = 0) AS on_target
  FROM flows
)
SELECT
  area,
  item,
  metric,
  streams,
  round(value, 2) AS value,
  target,
  on_target
FROM scores
ORDER BY on_target, area, item, metric
