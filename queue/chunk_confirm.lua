-- Who was told by a channel that has not confirmed it in time falls back to the next one.
-- queue/SCHEMA.md, "A channel that does not confirm"; gateway/fallback.h.
-- SPDX-License-Identifier: MIT
--
-- b.confirm_ms (members at a) and b.doubt_ms (at ?) say how long a route's members wait (of the
-- last channel only some: b.last); 0: for ever.  …:claims holds of a chunk n:
--   n:ROUTE:confirm  Unix ms before which nobody's time is over (a lower bound); so many of these
--                    fields there are, the broadcast's `confirming` counts
--   n:ROUTE:waited   Unix ms: whose time was over before has been looked at

function chunk.wait_ms(b, letter)
  return letter == 'a' and b.confirm_ms or letter == '?' and b.doubt_ms or 0
end

-- The broadcast's channels; of chunk n a list of addresses for each of them and, behind these, of
-- what its members prefer (nil: nobody prefers anything).
function chunk.lists(key, n)
  local channels, lists = {}, {}
  for name in string.gmatch(redis.call('HGET', key, 'channels') or '', '[^,]+') do
    channels[#channels + 1] = name
  end
  for list in string.gmatch(redis.call('HGET', key .. ':chunks', n) or '', ';([^;]*)') do
    lists[#lists + 1] = list
  end
  return channels, lists
end

-- Who waits at all: nil, everybody does.  On the last channel it is those who have another one
-- behind it, as they prefer to be told: place -> true, and `any`.
function chunk.waiters(c, b)
  if not b.last then
    return nil
  end
  local channels, lists = chunk.lists(c.key, c.n)
  local preferred = lists[#channels + 1]
  local waiters, place = {}, 0
  for prefer in string.gmatch(preferred and preferred .. ',' or '', '([^,]*),') do
    if prefer ~= '' then
      waiters[place], waiters.any = true, true
    end
    place = place + 1
  end
  return waiters
end

-- Somebody of the chunk waits from now on, as `letter`.
function chunk.expect(c, b, letter, now_ms)
  local wait_ms = chunk.wait_ms(b, letter)
  if wait_ms == 0 then
    return
  end
  local field = c.name .. ':confirm'
  local had = tonumber(redis.call('HGET', c.claims, field) or nil)
  local waiters = not had and chunk.waiters(c, b)
  if waiters and not waiters.any then
    return
  end
  if not had then
    loa.add(b, 'confirming', 1)
  end
  if not had or had > now_ms + wait_ms then
    redis.call('HSET', c.claims, field, string.format('%d', now_ms + wait_ms))
  end
  redis.call('HDEL', c.claims, c.name .. ':waited')
end

-- When each of the waiting members who were not looked at falls back: calls fn(place, ms).
function chunk.each_waiting(c, b, mine, fn)
  local waiters = chunk.waiters(c, b)
  if waiters and not waiters.any then
    return
  end
  local held = redis.call('HMGET', c.claims, c.name .. ':waited', c.name .. ':lost')
  local waited, lost = tonumber(held[1] or 0), tonumber(held[2] or 0)
  local ledger = redis.call('GETRANGE', c.ledger, c.first * loa.RECORD,
    (c.first + #mine) * loa.RECORD - 1)
  local at = string.find(mine, '[a?]')
  while at do
    local letter = string.sub(mine, at, at)
    local wait_ms = chunk.wait_ms(b, letter)
    if wait_ms > 0 and (not waiters or waiters[at - 1]) then
      local submitted = string.sub(ledger, (at - 1) * loa.RECORD + 13, (at - 1) * loa.RECORD + 19)
      local since = (tonumber(submitted, 36) or 0) * 1000
      local due_ms = (letter == '?' and math.max(since, lost) or since) + wait_ms
      if due_ms > waited then
        fn(at - 1, due_ms)
      end
    end
    at = string.find(mine, '[a?]', at + 1)
  end
end

-- The places of those whose time is over or whom the channel did not tell, a byte each.
function chunk.overdue(c, b, mine, now_ms)
  local places = {}
  if b.confirm_ms + b.doubt_ms > 0 and string.find(mine, '[a?]') then
    chunk.each_waiting(c, b, mine, function(place, due_ms)
      if due_ms <= now_ms then
        places[#places + 1] = string.char(place)
      end
    end)
  end
  for _, place in ipairs(chunk.untold(c, b, mine)) do
    places[#places + 1] = string.char(place)
  end
  return table.concat(places)
end

-- When the first of those who wait falls back, nil when nobody waits any more; noted.
function chunk.waits_until(c, b, mine)
  if b.confirm_ms + b.doubt_ms + b.n.confirming == 0 then
    return nil
  end
  local first = chunk.untold(c, b, mine)[1] and loa.now() or nil
  if b.confirm_ms + b.doubt_ms > 0 and string.find(mine, '[a?]') then
    chunk.each_waiting(c, b, mine, function(_, due_ms)
      first = chunk.earlier(first, due_ms)
    end)
  end
  local field = c.name .. ':confirm'
  if first then
    loa.add(b, 'confirming', redis.call('HSET', c.claims, field, string.format('%d', first)))
  else
    loa.add(b, 'confirming', -redis.call('HDEL', c.claims, field))
  end
  return first
end

-- The record of a member who falls back though something was sent: it stays, with the new reason;
-- that of somebody who was not told has its own.
function chunk.unconfirmed(stored, record, letter)
  if not loa.is_written(stored) then
    return record
  end
  local reason = string.sub(chunk.UNTOLD[letter] and stored or record, 8, 12)
  return string.sub(stored, 1, 7) .. reason .. string.sub(stored, 13, 19)
    .. '       ' .. string.sub(stored, 27)
end
