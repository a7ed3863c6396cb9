-- What a begin took, told again to a Redis that may have forgotten it: after a restart without the
-- last second or two of its AOF, or after a failover.  queue/retell.c.
-- SPDX-License-Identifier: MIT

-- The members of these places and attempts are with the worker's link, or were: whose letter fell
-- back becomes s again.  Attempt 0: was released.
function chunk.remark(c, b, places, attempts)
  local letters = redis.call('GETRANGE', c.states, c.first, c.first + loa.CHUNK - 1)
  for i = 1, #places do
    local place, attempt = string.byte(places, i), string.byte(attempts, i)
    local letter = string.sub(letters, place + 1, place + 1)
    local begins = letter ~= '' and string.find('qr?', letter, 1, true)
    if begins and chunk.attempts(chunk.record_of(c, place)) < attempt then
      redis.call('SETRANGE', c.states, c.first + place, 's')
      redis.call('HDEL', c.details, 'due:' .. (c.first + place))
      loa.move(b, letter, 's', 1)
    end
  end
end

-- keys: broadcast.  args: chunk, route, worker, epoch, lease ms, places, attempts.
-- The claim itself may be forgotten, too.  One with a later epoch has looked at the letters since.
function chunk.retell(keys, args)
  local c = chunk.open(keys, args)
  local b = loa.load(c.key)
  if not b then
    return { 'GONE' }
  end
  local epoch = tonumber(args[4])
  local claim = redis.call('HGET', c.claims, c.name)
  local claimed = claim and tonumber(string.match(claim, ' (%d+) %d+$')) or 0
  local ours, closed = chunk.holds(claim, c.worker, args[4])
  if claimed > epoch or (claimed == epoch and not ours) then
    return { 'STALE' }
  end
  if closed then
    return { 'OK' }
  end
  local now_ms, now_s = loa.now()
  redis.call('HSET', c.claims, c.name,
    chunk.lease(c.worker, args[4], now_ms, tonumber(args[5])), c.name .. ':again', '1')
  loa.add(b, 'epoch', math.max(0, epoch - b.n.epoch))
  chunk.remark(c, b, args[6], args[7])
  loa.save(b, now_s)
  return { 'OK' }
end

redis.register_function{
  function_name = 'loa_retell', callback = chunk.retell, flags = { 'allow-oom' },
}
