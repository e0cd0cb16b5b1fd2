-- One row per person of LcsCDR: every spelling of a SIP or telephone URI under one key.
SELECT
  i.person,
  min(i.uri)           AS uri,
  min(i.kind)          AS kind,
  count(*)             AS spellings,
  max(s.LastLogInTime) AS last_login
FROM cdr.identities i
LEFT JOIN LcsCDR.dbo.UserStatistics s ON s.UserId = i.user_id
WHERE i.source = 'LcsCDR'
  AND i.person IS NOT NULL
GROUP BY i.person
