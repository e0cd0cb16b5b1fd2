-- The eleven analyst queries, in SQL that both engines read. A line `-- name:` begins each.

-- name: daily sessions by medium
SELECT CAST(s.SessionIdTime AS date) AS day, m.MediaId, count(*) AS sessions
FROM LcsCDR.dbo.SessionDetails s
JOIN LcsCDR.dbo.Media m ON m.SessionIdTime = s.SessionIdTime AND m.SessionIdSeq = s.SessionIdSeq
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: contact pairs
SELECT least(User1Id, User2Id) AS a, greatest(User1Id, User2Id) AS b, count(*) AS calls,
       min(SessionIdTime) AS first, max(SessionIdTime) AS last
FROM LcsCDR.dbo.SessionDetails
WHERE User1Id IS NOT NULL AND User2Id IS NOT NULL AND User1Id <> User2Id
GROUP BY 1, 2
ORDER BY calls DESC, a, b
LIMIT 100;

-- name: poor streams by subnet
SELECT l.CallerSubnet, count(*) AS streams,
       sum(CASE WHEN a.DegradationAvg > 1.0 OR a.RoundTrip > 500 OR a.PacketLossRate > 0.1
                  OR a.JitterInterArrival > 30 OR a.RatioConcealedSamplesAvg > 0.07 THEN 1 ELSE 0 END) AS poor
FROM QoEMetrics.dbo.AudioStream a
JOIN QoEMetrics.dbo.MediaLine l
  ON l.ConferenceDateTime = a.ConferenceDateTime AND l.SessionSeq = a.SessionSeq AND l.MediaLineLabel = a.MediaLineLabel
GROUP BY 1
ORDER BY poor DESC, 1;

-- name: jitter histogram
SELECT JitterInterArrival - JitterInterArrival % 5 AS bucket_ms, count(*) AS streams
FROM QoEMetrics.dbo.AudioStream
WHERE JitterInterArrival IS NOT NULL
GROUP BY 1
ORDER BY 1;

-- name: daily mean MOS
SELECT CAST(ConferenceDateTime AS date) AS day, avg(CAST(OverallAvgNetworkMOS AS double)) AS mos, count(*) AS streams
FROM QoEMetrics.dbo.AudioStream
WHERE OverallAvgNetworkMOS IS NOT NULL
GROUP BY 1
ORDER BY 1;

-- name: p95 jitter by hour of week
SELECT date_part('dow', ConferenceDateTime) AS weekday, date_part('hour', ConferenceDateTime) AS hour,
       -- DataFusion cuts the weight of what it interpolates to a millionth.
       round(percentile_cont(0.95) WITHIN GROUP (ORDER BY JitterInterArrival), 3) AS p95
FROM QoEMetrics.dbo.AudioStream
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: off-hours activity
SELECT User1Id, count(*) AS sessions
FROM LcsCDR.dbo.SessionDetails
WHERE date_part('hour', SessionIdTime) < 6 OR date_part('hour', SessionIdTime) >= 20
   OR date_part('dow', SessionIdTime) IN (0, 6)
GROUP BY 1
ORDER BY sessions DESC, 1
LIMIT 100;

-- name: two-hop reach
WITH edges AS (
  SELECT User1Id AS a, User2Id AS b FROM LcsCDR.dbo.SessionDetails WHERE User1Id <> User2Id
  UNION
  SELECT User2Id AS a, User1Id AS b FROM LcsCDR.dbo.SessionDetails WHERE User1Id <> User2Id
)
SELECT count(DISTINCT two.b) AS reached
FROM edges one
JOIN edges two ON two.a = one.b
WHERE one.a = 17 AND two.b <> 17;

-- name: peak concurrency
WITH events AS (
  SELECT SessionIdTime AS moment, 1 AS step FROM LcsCDR.dbo.SessionDetails
  WHERE SessionEndTime IS NOT NULL AND SessionEndTime > SessionIdTime
  UNION ALL
  SELECT SessionEndTime AS moment, -1 AS step FROM LcsCDR.dbo.SessionDetails
  WHERE SessionEndTime IS NOT NULL AND SessionEndTime > SessionIdTime
), moments AS (SELECT moment, sum(step) AS step FROM events GROUP BY moment)
SELECT max(running) AS peak FROM (SELECT sum(step) OVER (ORDER BY moment) AS running FROM moments) t;

-- name: distinct contacts
SELECT User1Id, count(DISTINCT User2Id) AS contacts
FROM LcsCDR.dbo.SessionDetails
GROUP BY 1
ORDER BY contacts DESC, 1
LIMIT 100;

-- name: one user's calls
SELECT s.SessionIdTime, a.UserUri AS caller, b.UserUri AS callee, s.ResponseCode
FROM LcsCDR.dbo.SessionDetails s
LEFT JOIN LcsCDR.dbo.Users a ON a.UserId = s.User1Id
LEFT JOIN LcsCDR.dbo.Users b ON b.UserId = s.User2Id
WHERE s.User1Id = 17 OR s.User2Id = 17
ORDER BY s.SessionIdTime DESC, s.SessionIdSeq
LIMIT 500;
