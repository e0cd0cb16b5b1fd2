-- Subnets of the network configuration with their site and region. `subnet` is the address as text,
-- as media lines name it; QoEMetrics keeps it here as a signed 32-bit number.
WITH n AS (
  SELECT
    *,
    CAST(SubnetIP AS BIGINT) & 4294967295 AS address
  FROM QoEMetrics.dbo.Subnet
)
SELECT
  concat(address / 16777216, '.', address / 65536 % 256, '.', address / 256 % 256, '.', address % 256) AS subnet,
  n.SubnetMask        AS mask,
  n.SubnetDescription AS description,
  s.UserSiteName      AS site,
  r.RegionName        AS region
FROM n
LEFT JOIN QoEMetrics.dbo.UserSite s ON s.UserSiteKey = n.UserSiteKey
LEFT JOIN QoEMetrics.dbo.Region r ON r.RegionKey = s.RegionKey
