-- Which of our people are in touch with a company.
-- Sessions of every person with addresses of one domain, either way: a competitor, a supplier.
-- $domain: what follows the @, such as fabrikam.com
SELECT
  CASE WHEN b LIKE concat('%@', lower($domain)) THEN a ELSE b END AS person,
  count(*)                                                        AS sessions,
  count(CASE WHEN b LIKE concat('%@', lower($domain)) THEN 1 END) AS started_by_person,
  sum(seconds)                                                    AS seconds,
  min(start)                                                      AS first_start,
  max(start)                                                      AS last_start
FROM cdr.contacts
WHERE a LIKE concat('%@', lower($domain))
  OR b LIKE concat('%@', lower($domain))
GROUP BY 1
ORDER BY sessions DESC, person
