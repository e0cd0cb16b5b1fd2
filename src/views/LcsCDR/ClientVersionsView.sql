-- User agents with the family that each belongs to, as Microsoft documents it.
SELECT
  v.VersionId,
  v.Version,
  v.ClientType,
  d.ClientCategory
FROM LcsCDR.dbo.ClientVersions v
-- UserAgentDef lists some types twice; joined as it is, it would double their rows.
LEFT JOIN (
  SELECT
    UAType,
    min(UACategory) AS ClientCategory
  FROM LcsCDR.dbo.UserAgentDef
  GROUP BY UAType
) d ON d.UAType = v.ClientType
