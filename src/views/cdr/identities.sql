-- Every user row of both databases with the key of the person behind it. `source` is the database,
-- `user_id` its UserId or UserKey. `person` is the URI in lower case without scheme, parameters and,
-- for numbers, host: spellings of one party share it. It is null for anonymous parties, who must not
-- become one person. Servers and applications keep their parameters, which tell them apart.
-- `kind`: employee, federated, public, anonymous, telephone, service.
WITH raw AS (
  SELECT
    'LcsCDR'    AS source,
    u.UserId    AS user_id,
    u.UserUri   AS uri,
    t.TenantKey AS tenant
  FROM LcsCDR.dbo.Users u
  LEFT JOIN LcsCDR.dbo.Tenants t ON t.TenantId = u.TenantId
  UNION ALL
  SELECT
    'QoEMetrics' AS source,
    UserKey      AS user_id,
    URI          AS uri,
    NULL         AS tenant
  FROM QoEMetrics.dbo.[User]
),
bare AS (
  SELECT
    *,
    lower(regexp_replace(uri, '^(sips?|tel):', '', 'i')) AS address
  FROM raw
),
formed AS (
  SELECT
    *,
    (address LIKE '%;opaque=app:%' OR address LIKE '%;opaque=srvr:%') AS is_service,
    (address LIKE '+%' OR address LIKE '%;user=phone%')               AS is_telephone,
    (
      address = ''
      OR address LIKE 'anonymous@%'
      OR coalesce(tenant, '') = '00000000-0000-0000-0000-000000000002'
    )                                                                 AS is_anonymous
  FROM bare
)
SELECT
  source,
  user_id,
  uri,
  CASE
    WHEN is_anonymous THEN NULL
    WHEN is_service THEN address
    WHEN is_telephone THEN regexp_replace(split_part(split_part(address, '@', 1), ';', 1), '[-. ()]', '', 'g')
    ELSE split_part(address, ';', 1)
  END AS person,
  CASE
    WHEN is_anonymous THEN 'anonymous'
    WHEN is_service THEN 'service'
    WHEN is_telephone THEN 'telephone'
    WHEN tenant = '00000000-0000-0000-0000-000000000001' THEN 'federated'
    WHEN tenant = '00000000-0000-0000-0000-000000000003' THEN 'public'
    ELSE 'employee'
  END AS kind
FROM formed
