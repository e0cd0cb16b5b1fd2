-- How long joining meetings takes (Microsoft's Conference Join Time Report).
-- Reported joins by component, their mean, and how many took up to 2, 5, 10 seconds or longer.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  k.CallType                                                       AS component,
  count(*)                                                         AS joins,
  round(avg(r.SessionSetupTime), 0)                                AS mean_ms,
  count(CASE WHEN r.SessionSetupTime < 2000 THEN 1 END)            AS under_2_s,
  count(CASE WHEN r.SessionSetupTime >= 2000 AND r.SessionSetupTime < 5000 THEN 1 END)  AS from_2_to_5_s,
  count(CASE WHEN r.SessionSetupTime >= 5000 AND r.SessionSetupTime < 10000 THEN 1 END) AS from_5_to_10_s,
  count(CASE WHEN r.SessionSetupTime >= 10000 THEN 1 END)          AS over_10_s,
  round(100.0 * count(CASE WHEN r.SessionSetupTime < 2000 THEN 1 END) / count(*), 1) AS under_2_s_pct
FROM LcsCDR.dbo.ErrorReport r
LEFT JOIN LcsCDR.dbo.ErrorDef e ON e.ErrorId = r.ErrorId
LEFT JOIN LcsCDR.dbo.CallType k ON k.CallTypeId = e.CallTypeId
WHERE r.SessionSetupTime IS NOT NULL
  AND e.ResponseCode BETWEEN 200 AND 299
  AND r.ErrorTime >= $from
  AND r.ErrorTime < $to
GROUP BY k.CallType
ORDER BY joins DESC, component
