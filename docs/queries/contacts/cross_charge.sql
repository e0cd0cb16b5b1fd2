-- What calls to telephones cost, by cost centre.
-- Needs two tables, here with the sample's files:
-- CREATE EXTERNAL TABLE tariff STORED AS CSV LOCATION 'sample-data/tariff.csv'
--   OPTIONS ('format.has_header' 'true'), and directory alike from 'sample-data/directory.csv'.
-- Who transferred a call bears it, else whose delegate called, else the caller. Calls without a rate
-- are counted, not dropped. Call records may be missing at the source: this is no bill.
-- $person: one person as in cdr.people, or % for all, such as priya.nair@contoso.com
-- $tz: where dates and hours of both tables hold, such as Europe/Berlin
WITH outgoing AS (
  SELECT
    id,
    callee_number                           AS number,
    started                                 AS start,
    seconds,
    (answered IS NOT NULL)                  AS answered,
    coalesce(transferor, on_behalf_of, caller) AS key
  FROM cdr.calls
  WHERE direction IN ('out', 'transit')
    AND coalesce(transferor, on_behalf_of, caller) LIKE lower($person)
),
rated AS (
  SELECT * FROM rate_calls((SELECT * FROM outgoing), (SELECT * FROM tariff), tz => $tz)
),
charged AS (
  SELECT * FROM resolve_persons((SELECT id, key, start FROM outgoing), (SELECT * FROM directory), tz => $tz)
)
SELECT
  coalesce(c.cost_centre, '(not in the directory)')  AS cost_centre,
  sum(r.charge)                                      AS charge,
  r.currency,
  count(*)                                           AS calls,
  sum(r.billed)                                      AS billed_seconds,
  count(CASE WHEN r.charge IS NULL THEN 1 END)       AS unrated,
  'records may be missing at the source'             AS completeness
FROM rated r
JOIN charged c ON c.id = r.call
GROUP BY
  c.cost_centre,
  r.currency
ORDER BY charge DESC, cost_centre
