-- The queries of contacts.sql as DuckDB answers them fastest.

-- name: contact pairs
SELECT least(User1Id, User2Id) AS a, greatest(User1Id, User2Id) AS b, count(*) AS calls,
       min(SessionIdTime) AS first, max(SessionIdTime) AS last
FROM LcsCDR.dbo.SessionDetails
WHERE User1Id <> User2Id
GROUP BY 1, 2
ORDER BY calls DESC, a, b
LIMIT 100;

-- name: contact pairs, all measures
WITH calls AS (
  SELECT least(User1Id, User2Id) AS a, greatest(User1Id, User2Id) AS b, User1Id < User2Id AS forth,
         SessionIdTime AS start, ResponseTime IS NOT NULL AS answered,
         greatest(epoch(SessionEndTime) - epoch(ResponseTime), 0) AS seconds,
         SessionIdTime::time <= TIME '07:00' OR SessionIdTime::time >= TIME '19:00'
           OR isodow(SessionIdTime) > 5 AS off,
         epoch(SessionIdTime) - lag(epoch(SessionIdTime)) OVER (
           PARTITION BY least(User1Id, User2Id), greatest(User1Id, User2Id), ResponseTime IS NOT NULL
           ORDER BY SessionIdTime) AS gap
  FROM LcsCDR.dbo.SessionDetails
  WHERE User1Id <> User2Id
), pairs AS (
  SELECT a, b, count(*) FILTER (answered) AS calls,
         count(*) FILTER (answered AND forth) AS calls_ab, count(*) FILTER (answered AND NOT forth) AS calls_ba,
         coalesce(sum(seconds) FILTER (answered AND forth), 0) AS seconds_ab,
         coalesce(sum(seconds) FILTER (answered AND NOT forth), 0) AS seconds_ba,
         min(start) FILTER (answered) AS first, max(start) FILTER (answered) AS last,
         count(DISTINCT start::date) FILTER (answered) AS active_days,
         count(DISTINCT date_trunc('week', start)) FILTER (answered) AS active_weeks,
         count(*) FILTER (answered AND off) AS offhours_calls,
         coalesce(sum(seconds) FILTER (answered AND off), 0) AS offhours_seconds,
         count(*) FILTER (answered AND isodow(start) > 5) AS weekend_calls,
         avg(gap) FILTER (answered) AS iet_mean, stddev_pop(gap) FILTER (answered) AS iet_std,
         count(*) FILTER (NOT answered) AS missed
  FROM calls
  GROUP BY a, b
)
SELECT a, b, calls, calls_ab, calls_ba, seconds_ab + seconds_ba AS seconds, seconds_ab, seconds_ba, first, last,
       active_days, active_weeks, 2 * least(calls_ab, calls_ba) / calls AS reciprocity,
       calls_ab / calls AS initiation, offhours_calls, offhours_seconds, weekend_calls, iet_mean,
       round(iet_std, 3) AS iet_std,
       CASE WHEN calls > 2 THEN round((iet_std - iet_mean) / (iet_std + iet_mean), 9) END AS burstiness, missed
FROM pairs
WHERE calls > 0
ORDER BY calls DESC, a, b
LIMIT 100;

-- name: two-hop chain
WITH one AS MATERIALIZED (
  SELECT DISTINCT CASE WHEN User1Id = 17 THEN User2Id ELSE User1Id END AS node
  FROM LcsCDR.dbo.SessionDetails
  WHERE (User1Id = 17 OR User2Id = 17) AND User1Id <> User2Id
), two AS (
  SELECT User2Id AS node FROM LcsCDR.dbo.SessionDetails WHERE User1Id IN (SELECT node FROM one)
  UNION
  SELECT User1Id FROM LcsCDR.dbo.SessionDetails WHERE User2Id IN (SELECT node FROM one)
)
SELECT 0 AS hop, 1 AS people
UNION ALL
SELECT 1, count(*) FROM one
UNION ALL
SELECT 2, count(*) FROM two WHERE node <> 17 AND node NOT IN (SELECT node FROM one)
ORDER BY hop;

-- name: two-hop chain with ways
WITH one AS MATERIALIZED (
  SELECT CASE WHEN User1Id = 17 THEN User2Id ELSE User1Id END AS node, count(*) AS calls
  FROM LcsCDR.dbo.SessionDetails
  WHERE (User1Id = 17 OR User2Id = 17) AND User1Id <> User2Id
  GROUP BY 1
), steps AS (
  SELECT User1Id AS pred, User2Id AS node FROM LcsCDR.dbo.SessionDetails WHERE User1Id IN (SELECT node FROM one)
  UNION ALL
  SELECT User2Id, User1Id FROM LcsCDR.dbo.SessionDetails WHERE User2Id IN (SELECT node FROM one)
), ties AS (
  SELECT pred, node, count(*) AS calls
  FROM steps
  WHERE node <> 17 AND node NOT IN (SELECT node FROM one)
  GROUP BY 1, 2
)
SELECT t.node, 2 AS hop, count(*) AS paths, least(arg_min(one.calls, t.pred), arg_min(t.calls, t.pred)) AS weakest_edge_calls
FROM ties t
JOIN one ON one.node = t.pred
GROUP BY t.node
ORDER BY paths DESC, t.node
LIMIT 100;

-- name: distinct contacts
SELECT User1Id AS node, count(DISTINCT User2Id) AS contacts
FROM LcsCDR.dbo.SessionDetails
WHERE User1Id <> User2Id
GROUP BY 1
ORDER BY contacts DESC, node
LIMIT 100;

-- name: peak concurrency
WITH events AS (
  SELECT SessionIdTime AS moment, 1 AS step FROM LcsCDR.dbo.SessionDetails
  WHERE SessionEndTime IS NOT NULL AND SessionEndTime > SessionIdTime
  UNION ALL
  SELECT SessionEndTime AS moment, -1 AS step FROM LcsCDR.dbo.SessionDetails
  WHERE SessionEndTime IS NOT NULL AND SessionEndTime > SessionIdTime
), moments AS (SELECT moment, sum(step) AS step FROM events GROUP BY moment)
SELECT max(running) AS peak FROM (SELECT sum(step) OVER (ORDER BY moment) AS running FROM moments) t;
