-- The shortest way between two people, with the sessions it rests on.
-- $a: the one, such as gil.archer@contoso.com
-- $b: the other, such as jana.dell@contoso.com
-- $hub: an address that counts for no step, such as voicemail@contoso.com
WITH way AS (
  SELECT step, node
  FROM shortest_contacts((SELECT * FROM cdr.contacts WHERE a <> lower($hub) AND b <> lower($hub)), a => $a, b => $b)
),
steps AS (
  SELECT
    step,
    lag(node) OVER (ORDER BY step) AS from_person,
    node                           AS to_person
  FROM way
)
SELECT
  s.step,
  s.from_person,
  s.to_person,
  count(*)        AS sessions,
  sum(c.seconds)  AS seconds,
  min(c.start)    AS first_start,
  max(c.start)    AS last_start,
  min(c.id)       AS first_id
FROM steps s
JOIN cdr.contacts c
  ON pair_lo(c.a, c.b) = pair_lo(s.from_person, s.to_person)
  AND pair_hi(c.a, c.b) = pair_hi(s.from_person, s.to_person)
WHERE c.answered
GROUP BY
  s.step,
  s.from_person,
  s.to_person
ORDER BY s.step
