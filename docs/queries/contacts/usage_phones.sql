-- Telephones on desks (Microsoft's IP Phone Inventory Report).
-- The last sign-in of each, the longest unused first.
SELECT
  phone_maker,
  phone_version,
  phone_mac,
  last_value(person ORDER BY started)  AS person,
  last_value(client ORDER BY started)  AS client,
  max(started)                         AS last_sign_in,
  max(ended)                           AS last_sign_out,
  count(*)                             AS sign_ins
FROM cdr.registrations
WHERE phone_mac IS NOT NULL
GROUP BY
  phone_maker,
  phone_version,
  phone_mac
ORDER BY last_sign_in, phone_mac
