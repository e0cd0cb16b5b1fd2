-- Sessions between two parties as the base of reports: every column of SessionDetails as the server
-- has it. Bit 1 of CallFlag marks a retried session, bit 2 an agent's call for a response group.
SELECT *
FROM LcsCDR.dbo.SessionDetails
