-- Microphones by what they do to sound.
-- Mean listening quality of sent audio and share of poor streams by capture device of the sender, for
-- devices with enough streams to judge.
-- $least: fewest streams to judge by, such as 100
SELECT
  CASE WHEN direction = 'caller to callee' THEN caller_microphone ELSE callee_microphone END AS device,
  count(*)                                                                AS streams,
  round(avg(send_listen_mos), 2)                                          AS send_listen_mos,
  round(100.0 * count(CASE WHEN verdict_lync2013 = 'poor' THEN 1 END)
    / nullif(count(CASE WHEN verdict_lync2013 <> 'unclassified' THEN 1 END), 0), 1) AS poor_pct
FROM cdr.streams
WHERE CASE WHEN direction = 'caller to callee' THEN caller_microphone ELSE callee_microphone END IS NOT NULL
GROUP BY 1
HAVING count(send_listen_mos) >= CAST($least AS INT)
ORDER BY send_listen_mos
