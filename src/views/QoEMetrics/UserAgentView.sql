-- User agents with the family that each belongs to, as Microsoft documents it.
SELECT
  u.UserAgentKey,
  u.UserAgent,
  u.UAType,
  d.UACategory
FROM QoEMetrics.dbo.UserAgent u
-- UserAgentDef lists some types twice; joined as it is, it would double their rows.
LEFT JOIN (
  SELECT
    UAType,
    min(UACategory) AS UACategory
  FROM QoEMetrics.dbo.UserAgentDef
  GROUP BY UAType
) d ON d.UAType = u.UAType
