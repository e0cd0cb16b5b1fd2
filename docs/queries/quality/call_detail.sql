-- One call from end to end: every audio stream with all that is known of it.
-- The call that a person was in at a moment; read it with --format vertical.
-- $person: as in cdr.people, such as aiko.chen@contoso.com
-- $at: a moment of the call in UTC, such as 2014-03-17 09:30:00
SELECT *
FROM cdr.streams
WHERE (caller = lower($person) OR callee = lower($person))
  AND started <= CAST($at AS TIMESTAMP)
  AND ended > CAST($at AS TIMESTAMP)
  AND reported >= CAST($at AS TIMESTAMP)
ORDER BY line, stream
