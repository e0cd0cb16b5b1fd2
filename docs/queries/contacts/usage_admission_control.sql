-- Where bandwidth policy capped calls (Microsoft's Call Admission Control Report).
-- Media lines with a limit of a policy server, by pair of sites.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  least(caller_site, callee_site)      AS site,
  greatest(caller_site, callee_site)   AS other_site,
  count(*)                             AS lines,
  count(DISTINCT started)              AS calls,
  min(bandwidth_limit)                 AS least_limit,
  max(bandwidth_limit)                 AS largest_limit,
  min(started)                         AS first_call,
  max(started)                         AS last_call
FROM cdr.lines
WHERE bandwidth_limit IS NOT NULL
  AND reported >= $from
  AND reported < $to
GROUP BY
  1,
  2
ORDER BY lines DESC, site, other_site
