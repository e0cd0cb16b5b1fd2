-- Who can be reached from a person in a few steps, and through whom.
-- A hub (voicemail, a bridge, a service desk; find them with contact_hubs.sql) may end a way but is no
-- stepping stone: through it nearly everybody would know everybody.
-- $person: the person to start from, such as gil.archer@contoso.com
-- $hubs: hubs, with commas, such as voicemail@contoso.com,helpdesk@contoso.com
-- $hops: how many steps, such as 3
SELECT
  node                               AS reached,
  hop,
  paths                              AS ways,
  array_to_string(path, ' > ')       AS one_way,
  weakest_edge_calls,
  via_hub
FROM contact_chain(
  cdr.contacts,
  seeds => $person,
  hops => CAST($hops AS INT),
  exclude => string_to_array(lower($hubs), ',')
)
WHERE hop > 0
ORDER BY hop, reached
