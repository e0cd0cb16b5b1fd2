-- One session in full (Microsoft's Peer-to-Peer Session Detail Report).
-- $id: that of cdr.calls, such as 2014-02-04T09:40:00.000/1
SELECT
  c.*,
  f.reported,
  f.reason,
  f.request,
  f.source      AS reported_by,
  f.component   AS reporting_component
FROM cdr.calls c
LEFT JOIN cdr.failures f
  ON f.session_time = c.started
  AND f.session_seq = c.session_seq
WHERE c.id = $id
ORDER BY f.reported
