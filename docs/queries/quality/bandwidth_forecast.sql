-- Bandwidth per link and when it reaches a limit.
-- A link is the way from one site to another. Of each whole week its busiest hour counts (mean kbit/s
-- of all media in that hour); through the weeks goes a Theil-Sen line. `full_on` is when the line
-- reaches $limit_kbps: null where the load does not grow, or grows no more than chance explains
-- (Mann-Kendall p of $p or more).
-- $from: first day of the first week, such as 2014-02-03
-- $until: the day after the last week, such as 2014-03-31
-- $limit_kbps: what the link may carry, such as 10000
-- $p: probability below which growth counts, such as 0.01
WITH hours AS (
  SELECT
    concat(from_site, ' to ', to_site)                                        AS link,
    floor(date_part('epoch', hour - CAST($from AS TIMESTAMP)) / (7 * 86400)) AS week,
    sum(kbps)                                                                 AS kbps
  FROM cdr.network_load
  WHERE from_site <> to_site
    AND hour >= CAST($from AS TIMESTAMP)
    AND hour < CAST($until AS TIMESTAMP)
  GROUP BY from_site, to_site, hour
),
weeks AS (
  SELECT link, week, max(kbps) AS kbps
  FROM hours
  GROUP BY link, week
),
links AS (
  SELECT
    link,
    count(*)                         AS weeks,
    max(kbps)                        AS busiest_kbps,
    theil_sen(kbps, week)            AS line,
    mann_kendall(kbps ORDER BY week) AS trend
  FROM weeks
  GROUP BY link
),
trends AS (
  SELECT
    link,
    weeks,
    busiest_kbps,
    get_field(line, 'slope')     AS slope,
    get_field(line, 'intercept') AS intercept,
    get_field(trend, 'p')        AS p
  FROM links
)
SELECT
  link,
  weeks,
  round(busiest_kbps, 1) AS busiest_kbps,
  round(slope, 2)        AS kbps_per_week,
  round(p, 4)            AS p,
  CASE WHEN slope > 0 AND p < CAST($p AS DOUBLE) THEN
    -- At most a century ahead.
    CAST($from AS DATE) + CAST(least(7 * (CAST($limit_kbps AS DOUBLE) - intercept) / slope, 36525) AS INT)
  END                    AS full_on
FROM trends
ORDER BY full_on NULLS LAST, busiest_kbps DESC, link
