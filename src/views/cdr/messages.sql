-- How many instant messages who sent: one row per sender and session between two, with the
-- `receiver`, and one per sender and meeting, with the `conference`. Contents are never recorded.
SELECT
  s.session_time  AS sent_in,
  s.session_seq   AS session_seq,
  f.person        AS sender,
  t.person        AS receiver,
  NULL            AS conference,
  s.from_messages AS messages
FROM cdr.sessions s
LEFT JOIN cdr.identities f ON f.source = 'LcsCDR' AND f.user_id = s.from_id
LEFT JOIN cdr.identities t ON t.source = 'LcsCDR' AND t.user_id = s.to_id
WHERE s.from_messages > 0
UNION ALL
SELECT
  s.session_time  AS sent_in,
  s.session_seq   AS session_seq,
  t.person        AS sender,
  f.person        AS receiver,
  NULL            AS conference,
  s.to_messages   AS messages
FROM cdr.sessions s
LEFT JOIN cdr.identities f ON f.source = 'LcsCDR' AND f.user_id = s.from_id
LEFT JOIN cdr.identities t ON t.source = 'LcsCDR' AND t.user_id = s.to_id
WHERE s.to_messages > 0
UNION ALL
SELECT
  m.SessionIdTime AS sent_in,
  m.SessionIdSeq  AS session_seq,
  i.person        AS sender,
  NULL            AS receiver,
  u.ConferenceUri AS conference,
  m.MessageCount  AS messages
FROM LcsCDR.dbo.ConferenceMessageCount m
LEFT JOIN LcsCDR.dbo.Conferences c ON c.SessionIdTime = m.SessionIdTime AND c.SessionIdSeq = m.SessionIdSeq
LEFT JOIN LcsCDR.dbo.ConferenceUris u ON u.ConferenceUriId = c.ConferenceUriId
LEFT JOIN cdr.identities i ON i.source = 'LcsCDR' AND i.user_id = m.UserId
WHERE m.MessageCount > 0
