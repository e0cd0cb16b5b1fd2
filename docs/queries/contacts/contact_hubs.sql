-- Who joins strangers only because everybody calls there.
-- Those with many contacts and those called by far more people than they call: voicemail, bridges,
-- service desks. `nodes_added_at_2_hops` is what each adds to the contact chain of $person.
-- $person: whose chain, such as gil.archer@contoso.com
SELECT
  node,
  degree,
  in_degree,
  out_degree,
  median_seconds,
  reason,
  nodes_added_at_2_hops
FROM contact_hubs(cdr.contacts, max_degree => 60, asymmetry => 20, seeds => $person)
ORDER BY degree DESC, node
