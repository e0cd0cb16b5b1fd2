-- The calls behind a subnet's figures.
-- Every audio stream that the subnet received in a time, the poorest by degradation first.
-- $subnet: as in cdr.subnets, such as 10.16.3.0
-- $from: first day, such as 2014-03-24
-- $until: the day after the last, such as 2014-03-31
SELECT
  started,
  seconds,
  sender,
  receiver,
  codec,
  receiver_connection,
  receiver_access_point,
  sender_subnet,
  round_trip_ms,
  degradation_mos,
  loss_ratio,
  jitter_ms,
  concealed_ratio,
  verdict_lync2013,
  reasons
FROM cdr.flows
WHERE inbound
  AND receiver_subnet = $subnet
  AND reported >= CAST($from AS TIMESTAMP)
  AND reported < CAST($until AS TIMESTAMP)
ORDER BY degradation_mos DESC, started, receiver
