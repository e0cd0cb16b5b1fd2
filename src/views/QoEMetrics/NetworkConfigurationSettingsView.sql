-- Subnets with the names of their site and region, as Microsoft documents it.
SELECT
  n.SubnetIP,
  s.UserSiteName,
  r.RegionName
FROM QoEMetrics.dbo.Subnet n
LEFT JOIN QoEMetrics.dbo.UserSite s ON s.UserSiteKey = n.UserSiteKey
LEFT JOIN QoEMetrics.dbo.Region r ON r.RegionKey = s.RegionKey
