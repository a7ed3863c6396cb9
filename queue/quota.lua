-- The quota that a platform gives for a day, shared by all gateways in slices.
-- queue/quota.h.
-- SPDX-License-Identifier: MIT
--
-- KEYS[1] is loa:link:{NAME}:quota, a hash: `day` (days of Vietnam since 1970), `era` (Unix ms at
-- which its figures began), `base` (how many there were then, as the platform told), `used`,
-- `daily`; `slice:WORKER:LINK` → "RUN SPENT HAND UNTIL_MS": what that link of a gateway has spent
-- in all, and the units that it keeps.  base - used - all that is kept is free.
--
-- A report is absolute, so that one whose answer was lost does no harm.  What was kept by who does
-- not report any more counts as used: whether it was, the platform's next figure says.

local quota = {
  DAY_MS = 86400000, ZONE_MS = 25200000, KEPT_MS = 6000, END_S = 172800,
  SLICE = '^(%S+) (%d+) (%d+) (%d+)$',
}

-- The hash of today; another day's is gone.
function quota.open(key, now_ms)
  local all, h = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do
    h[all[i]] = all[i + 1]
  end
  local day = math.floor((now_ms + quota.ZONE_MS) / quota.DAY_MS)
  if tonumber(h.day or -1) ~= day then
    h = { day = day, era = string.format('%d', now_ms), used = 0 }
    redis.call('DEL', key)
    redis.call('HSET', key, 'day', day, 'era', h.era)
    redis.call('EXPIRE', key, quota.END_S)
  end
  h.used, h.base = tonumber(h.used or 0), tonumber(h.base or -1)
  return h
end

-- What others keep, and how many keep something, ourselves with them.
function quota.others(key, h, me, now_ms)
  local kept, live = 0, 1
  for field, value in pairs(h) do
    local run, spent, hand, until_ms = string.match(value, quota.SLICE)
    if run and field ~= me and tonumber(until_ms) > now_ms then
      kept, live = kept + hand, live + 1
    elseif run and field ~= me and hand ~= '0' then
      h.used = h.used + hand
      redis.call('HSET', key, field, string.format('%s %s 0 %s', run, spent, until_ms))
    end
  end
  return kept, live
end

-- What a link tells of itself; of an earlier process of its name is used whatever that kept.
function quota.count(h, me, run, spent)
  local was, had, hand = string.match(h[me] or '', quota.SLICE)
  if was == run then
    h.used = h.used + math.max(spent - had, 0)
  else
    h.used = h.used + (hand or 0) + spent
  end
end

-- ARGV: WORKER:LINK, run, era, spent, units that it keeps, units that it wants, least, most, daily
-- (gateway/core/quota.h; -1: none).  The nearer the end, the smaller a slice: half of what is free,
-- by as many as there are.  A report of another era counts nothing.
-- Answers era, used, base (-1: unknown), daily (-1), units granted, units that others keep.
function quota.lease(keys, args)
  local now_ms = loa.now()
  local h, me, granted = quota.open(keys[1], now_ms), 'slice:' .. args[1], 0
  if args[3] ~= h.era then
    return { h.era, h.used, h.base, tonumber(h.daily or -1), 0, 0 }
  end
  local spent, hand, want = tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  local least, most, daily = tonumber(args[7]), tonumber(args[8]), tonumber(args[9])
  quota.count(h, me, args[2], spent)
  local kept, live = quota.others(keys[1], h, me, now_ms)
  h.base = math.max(h.base, least)
  if h.base >= 0 and most >= 0 then
    h.base = math.min(h.base, most + h.used + kept + hand)
  end
  local free = h.base - h.used - kept - hand
  if free > 0 and want > 0 then
    granted = math.min(want, math.max(math.floor(free / (2 * live)), 1))
  end
  daily = daily >= 0 and daily or tonumber(h.daily or -1)
  redis.call('HSET', keys[1], 'used', h.used, 'base', h.base, 'daily', daily, me,
    string.format('%s %d %d %d', args[2], spent, hand + granted, now_ms + quota.KEPT_MS))
  return { h.era, h.used, h.base, daily, granted, kept }
end

redis.register_function('loa_quota', quota.lease)
