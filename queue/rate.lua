-- The rate of a link, shared by all gateways: leases, the limit that throttling found, the switch.
-- queue/rate.h.
-- SPDX-License-Identifier: MIT
--
-- KEYS[1] of each is loa:link:{NAME}:rate, a hash: `tat`, when the next part is due (Unix us, a
-- fraction of one counts); `limit`, parts a second that the SMSC was found to take (none: not
-- found), `version`, how often it changed; `taken:WORKER` → "parts Unix_ms", what a gateway had
-- accepted in the second before.  The switch is loa:link:{NAME}:stopped, there while it is off.

local rate = { LESS = 0.995, AHEAD_US = 500000, KNOWN_MS = 1500 }

function rate.now_us()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- The lower of the rate that is set and the limit that was found; 0: neither.
function rate.effective(set, limit)
  if limit > 0 and (set == 0 or limit < set) then
    return limit
  end
  return set
end

-- ARGV: the rate that is set (parts a second, a fraction too; 0: none), parts that are wanted.
-- Parts a lease: a hundredth of the rate, at least one.  Each is half a hundredth late, which is
-- what the moments between taking and writing a part may vary by.  What is not used is lost: a
-- lease begins now at the earliest.
-- Answers parts, us from now on to the first, us between two (text), and when none can be leased as
-- yet how many us to wait, limit, version.
function rate.lease(keys, args)
  local had = redis.call('HMGET', keys[1], 'tat', 'limit', 'version')
  local limit, version = tonumber(had[2] or 0), tonumber(had[3] or 0)
  local parts_s = rate.effective(tonumber(args[1]), limit)
  if parts_s <= 0 then
    return { 0, 0, '0', 0, limit, version }
  end
  local now = rate.now_us()
  local step = 1000000 / (parts_s * rate.LESS)
  local start = math.max(tonumber(had[1] or 0), now)
  local ahead = math.max(rate.AHEAD_US, 2 * step)
  if start - now > ahead then
    return { 0, 0, '0', math.ceil(start - now - ahead), limit, version }
  end
  local n = math.min(math.max(math.floor(parts_s / 100), 1), tonumber(args[2]))
  redis.call('HSET', keys[1], 'tat', string.format('%.3f', start + n * step))
  return { n, math.ceil(start - now), string.format('%.3f', step), 0, limit, version }
end

-- ARGV: the version that the finder knew, the limit (0: none any more).  Answers limit, version as
-- they are now: of two that found the same refusal the first one counts.
function rate.found(keys, args)
  local had = redis.call('HMGET', keys[1], 'limit', 'version')
  local version = tonumber(had[2] or 0)
  if version ~= tonumber(args[1]) then
    return { tonumber(had[1] or 0), version }
  end
  local limit = tonumber(args[2])
  redis.call('HSET', keys[1], 'limit', limit, 'version', version + 1)
  return { limit, version + 1 }
end

-- What others had accepted in the last second.
function rate.others(key, worker, now_ms)
  local sum, gone, all = 0, {}, redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local name = string.match(all[i], '^taken:(.*)$')
    local taken, at_ms = string.match(name and all[i + 1] or '', '^(%d+) (%d+)$')
    if taken and tonumber(at_ms) < now_ms - 60000 then
      gone[#gone + 1] = all[i]
    elseif taken and name ~= worker and tonumber(at_ms) > now_ms - rate.KNOWN_MS then
      sum = sum + taken
    end
  end
  if gone[1] then
    redis.call('HDEL', key, unpack(gone))
  end
  return sum
end

-- KEYS[2] loa:link:{NAME}:stopped.  ARGV: worker, what it had accepted in the last second.  Answers
-- whether the link is switched off, limit, version, what others had accepted, and how its PDUs are
-- to be shown (loa:link:{NAME}:trace: 'masked', 'full', '').
function rate.watch(keys, args)
  local had = redis.call('HMGET', keys[1], 'limit', 'version')
  local limit, others = tonumber(had[1] or 0), 0
  if limit > 0 or args[2] ~= '0' then
    local now_ms = loa.now()
    redis.call('HSET', keys[1], 'taken:' .. args[1], string.format('%s %d', args[2], now_ms))
    others = rate.others(keys[1], args[1], now_ms)
  end
  local trace = redis.call('GET', (string.gsub(keys[2], 'stopped$', 'trace')))
  return { redis.call('EXISTS', keys[2]), limit, tonumber(had[2] or 0), others, trace or '' }
end

-- KEYS[1] loa:link:{NAME}:stopped.  ARGV: 1 = off, who, Unix seconds.  Answers whether it was
-- another way before.
function rate.switch(keys, args)
  if args[1] == '1' then
    return redis.call('SET', keys[1], args[2] .. ' ' .. args[3], 'NX') and 1 or 0
  end
  return redis.call('DEL', keys[1])
end

redis.register_function('loa_rate_lease', rate.lease)
redis.register_function{
  function_name = 'loa_rate_found', callback = rate.found, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_link_watch', callback = rate.watch, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_link_switch', callback = rate.switch, flags = { 'allow-oom' },
}
