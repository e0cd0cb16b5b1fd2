-- Who of us calls a list of numbers or domains.
-- Sessions that our people started, by person: a competitor's domain and its telephone, say.
-- $targets: domains and beginnings of numbers, with commas, such as fabrikam.com,+14155550101
WITH targets AS (
  SELECT unnest(string_to_array(lower($targets), ',')) AS target
)
SELECT
  c.a                  AS person,
  count(*)             AS sessions,
  sum(c.seconds)       AS seconds,
  count(DISTINCT c.b)  AS counterparts,
  min(c.start)         AS first_start,
  max(c.start)         AS last_start
FROM cdr.contacts c
WHERE EXISTS (
  SELECT 1 FROM targets t WHERE ends_with(c.b, concat('@', t.target)) OR starts_with(c.b, t.target)
)
GROUP BY c.a
ORDER BY sessions DESC, person
