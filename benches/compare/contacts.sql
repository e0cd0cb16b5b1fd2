-- Contacts by the functions of cdrql. A line `-- name:` begins each query; contacts_duckdb.sql has
-- what DuckDB can do best for the same rows.

-- name: contact pairs
SELECT a, b, calls, first, last
FROM contact_pairs((SELECT User1Id AS a, User2Id AS b, SessionIdTime AS start FROM LcsCDR.dbo.SessionDetails))
ORDER BY calls DESC, a, b
LIMIT 100;

-- name: contact pairs, all measures
SELECT a, b, calls, calls_ab, calls_ba, seconds, seconds_ab, seconds_ba, first, last, active_days, active_weeks,
       reciprocity, initiation, offhours_calls, offhours_seconds, weekend_calls, iet_mean, round(iet_std, 3) AS iet_std,
       round(burstiness, 9) AS burstiness, missed
FROM contact_pairs((
  SELECT User1Id AS a, User2Id AS b, SessionIdTime AS start, ResponseTime IS NOT NULL AS answered,
         date_part('epoch', SessionEndTime) - date_part('epoch', ResponseTime) AS seconds
  FROM LcsCDR.dbo.SessionDetails))
ORDER BY calls DESC, a, b
LIMIT 100;

-- name: two-hop chain
SELECT hop, count(*) AS people
FROM contact_chain((SELECT User1Id AS a, User2Id AS b FROM LcsCDR.dbo.SessionDetails), 17, 2)
GROUP BY hop
ORDER BY hop;

-- name: two-hop chain with ways
SELECT node, hop, paths, weakest_edge_calls
FROM contact_chain((SELECT User1Id AS a, User2Id AS b FROM LcsCDR.dbo.SessionDetails), 17, 2)
WHERE hop = 2
ORDER BY paths DESC, node
LIMIT 100;

-- name: distinct contacts
SELECT node, out_degree AS contacts
FROM degree((SELECT User1Id AS a, User2Id AS b FROM LcsCDR.dbo.SessionDetails))
WHERE out_degree > 0
ORDER BY contacts DESC, node
LIMIT 100;

-- name: peak concurrency
SELECT concurrent_peak(SessionIdTime, SessionEndTime) AS peak FROM LcsCDR.dbo.SessionDetails;
