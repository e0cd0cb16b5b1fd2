-- Conference URIs with the text of their kind, as Microsoft documents it.
SELECT
  c.ConferenceUriId,
  c.ConferenceUri,
  k.UriType AS ConferenceUriType
FROM LcsCDR.dbo.ConferenceUris c
LEFT JOIN LcsCDR.dbo.UriTypes k ON k.UriTypeId = c.UriTypeId
