-- Conferencing servers with the text of their kind, as Microsoft documents it.
SELECT
  m.McuId,
  m.McuUri,
  k.UriType AS McuUriType
FROM LcsCDR.dbo.Mcus m
LEFT JOIN LcsCDR.dbo.UriTypes k ON k.UriTypeId = m.McuTypeId
