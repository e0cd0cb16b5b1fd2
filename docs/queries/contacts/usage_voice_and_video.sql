-- Voice and video between two by way (Microsoft's Peer-to-Peer Voice and Video Report).
-- `call_type`: UC a user's client, PSTN the telephone network; `access`: inside or outside, from and to.
-- $from: first day, such as 2014-02-03
-- $to: the day after the last, such as 2014-04-04
SELECT
  pool,
  concat(
    CASE WHEN caller_gateway IS NULL THEN 'UC' ELSE 'PSTN' END, '-',
    CASE WHEN callee_gateway IS NULL THEN 'UC' ELSE 'PSTN' END
  )                                                     AS call_type,
  concat(
    CASE WHEN caller_inside THEN 'inside' ELSE 'outside' END, '-',
    CASE WHEN callee_inside THEN 'inside' ELSE 'outside' END
  )                                                     AS access,
  coalesce(callee_mediation_server, caller_mediation_server) AS mediation_server,
  count(*)                                              AS sessions,
  count(CASE WHEN answered IS NOT NULL THEN 1 END)      AS answered,
  count(CASE WHEN video THEN 1 END)                     AS with_video,
  round(sum(seconds) / 60.0, 1)                         AS minutes
FROM cdr.calls
WHERE (audio OR video)
  AND started >= $from
  AND started < $to
GROUP BY
  pool,
  2,
  3,
  4
ORDER BY sessions DESC, pool, call_type, access, mediation_server
