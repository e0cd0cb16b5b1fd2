-- Our verdicts against the server's own, line by line.
-- A line is poor when any of its received streams is. For each medium and rule set: how many lines both
-- call poor, only the server, only we, or neither; `unjudged` are those of which a rule set can say
-- nothing. The server's verdict is lync2013's, so that is where they should agree.
-- $from: first day, such as 2014-02-03
-- $until: the day after the last, such as 2014-04-04
WITH streams AS (
  SELECT 'audio' AS medium, reported, session_seq, line, stored_poor, verdict_lync2013, verdict_cqd2019, verdict_cqd2024
  FROM cdr.streams
  WHERE inbound
  UNION ALL
  SELECT 'video' AS medium, reported, session_seq, line, stored_poor, verdict_lync2013, verdict_cqd2019, verdict_cqd2024
  FROM cdr.video_streams
  WHERE inbound
  UNION ALL
  SELECT 'sharing' AS medium, reported, session_seq, line, stored_poor,
    verdict AS verdict_lync2013, verdict AS verdict_cqd2019, verdict AS verdict_cqd2024
  FROM cdr.sharing_streams
  WHERE inbound
),
judged AS (
  SELECT
    s.*,
    r.rule_set,
    CASE r.rule_set
      WHEN 'lync2013' THEN verdict_lync2013
      WHEN 'cqd2019' THEN verdict_cqd2019
      ELSE verdict_cqd2024
    END AS verdict
  FROM streams s
  CROSS JOIN (VALUES ('lync2013'), ('cqd2019'), ('cqd2024')) AS r(rule_set)
  WHERE s.reported >= CAST($from AS TIMESTAMP)
    AND s.reported < CAST($until AS TIMESTAMP)
),
lines AS (
  SELECT
    medium,
    rule_set,
    bool_or(coalesce(stored_poor, false)) AS server,
    bool_or(verdict = 'poor')             AS ours,
    bool_or(verdict <> 'unclassified')    AS known
  FROM judged
  GROUP BY medium, rule_set, reported, session_seq, line
)
SELECT
  medium,
  rule_set,
  count(*)                                         AS lines,
  count(*) FILTER (WHERE server AND ours)          AS both_poor,
  count(*) FILTER (WHERE server AND NOT ours)      AS only_server,
  count(*) FILTER (WHERE NOT server AND ours)      AS only_ours,
  count(*) FILTER (WHERE NOT server AND NOT ours)  AS neither_poor,
  count(*) FILTER (WHERE NOT known)                AS unjudged
FROM lines
GROUP BY medium, rule_set
ORDER BY medium, rule_set DESC
