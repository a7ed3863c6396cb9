-- Whom a channel did not tell: a receipt says so, or they opted out of it.  A worker looks whether
-- another channel may tell them; until then the broadcast is held open.
-- queue/SCHEMA.md, "Whom a channel did not tell"; gateway/fallback.h.
-- SPDX-License-Identifier: MIT
--
-- …:claims holds of a chunk n:
--   n:ROUTE:untold  places, parted by blanks: members at u or k who are to be looked at; the
--                   broadcast's `untold` counts them, and n:ROUTE:confirm is over

chunk.UNTOLD = { u = true, k = true }

-- The item at `place` (from 0) of "a,,b".
function chunk.item(list, place)
  local at = 1
  for _ = 1, place do
    at = string.find(list, ',', at, true)
    if not at then
      return ''
    end
    at = at + 1
  end
  return string.match(list, '[^,]*', at)
end

-- Whether the member has an address on a channel behind the route's: in the broadcast's order, or,
-- of those who prefer one, on any other.
function chunk.is_followed(b, n, route, place)
  local channels, lists = chunk.lists(b.key, n)
  local behind = false
  local prefers = chunk.item(lists[#channels + 1] or '', place) ~= ''
  for i, name in ipairs(channels) do
    if name == string.match(route, '^%w+') then
      behind = true
    elseif (behind or prefers) and chunk.item(lists[i] or '', place) ~= '' then
      return true
    end
  end
  return false
end

-- Notes that somebody is to be looked at.  False: no other channel may tell him, or nobody is told
-- any more.
function chunk.pass_on(b, index)
  local now_ms, now_s = loa.now()
  local open = b.several and not b.ending and (b.state == 'sending' or b.state == 'paused')
  local route = open and not loa.expired(b, now_s) and loa.route_at(b, index)
  local n, place = math.floor(index / loa.CHUNK), index % loa.CHUNK
  if not route or not chunk.is_followed(b, n, route, place) then
    return false
  end
  local claims, name = b.key .. ':claims', string.format('%d:%s', n, route)
  local had = redis.call('HGET', claims, name .. ':untold')
  local places = string.format(had and '%s %d' or '%s%d', had or '', place)
  local fields = redis.call('HSET', claims, name .. ':untold', places,
    name .. ':confirm', string.format('%d', now_ms))
  loa.add(b, 'confirming', fields - (had and 0 or 1))
  loa.untold(b, 1)
  b.woken = b.woken or {}
  b.woken[string.format('%s %d', route, n)] = true
  return true
end

-- Adds to an answer what wakes the workers: the priority, then "ROUTE n" of each chunk.
function chunk.wake(b, answer)
  for chunk_text in pairs(b.woken or {}) do
    if b.woken then
      answer[#answer + 1] = redis.call('HGET', b.key, 'priority') or 'normal'
      b.woken = nil
    end
    answer[#answer + 1] = chunk_text
  end
  return answer
end

-- Keeps only these places; what is left of `had`.
function chunk.keep_untold(c, b, kept, had)
  if kept[1] then
    redis.call('HSET', c.claims, c.name .. ':untold', table.concat(kept, ' '))
  else
    redis.call('HDEL', c.claims, c.name .. ':untold')
  end
  loa.untold(b, #kept - had)
end

-- The places of those who are still to be looked at; whoever was told since is forgotten.
function chunk.untold(c, b, mine)
  local text = b.n.confirming > 0 and redis.call('HGET', c.claims, c.name .. ':untold')
  local kept, had, seen = {}, 0, {}
  for place in string.gmatch(text or '', '%d+') do
    local at = tonumber(place)
    had = had + 1
    if chunk.UNTOLD[string.sub(mine, at + 1, at + 1)] and not seen[at] then
      seen[at] = true
      kept[#kept + 1] = at
    end
  end
  if #kept < had then
    chunk.keep_untold(c, b, kept, had)
  end
  return kept
end

-- `places` (bytes) were looked at.  Who is left out for good is counted now.
function chunk.looked(c, b, places)
  local text = redis.call('HGET', c.claims, c.name .. ':untold')
  local kept, had = {}, 0
  for place in string.gmatch(text or '', '%d+') do
    local index = c.first + tonumber(place)
    had = had + 1
    if not string.find(places, string.char(tonumber(place)), 1, true) then
      kept[#kept + 1] = place
    elseif redis.call('GETRANGE', c.states, index, index) == 'k' then
      loa.add(b, loa.STAT.k, 1)
    end
  end
  if #kept < had then
    chunk.keep_untold(c, b, kept, had)
  end
end

-- The broadcast is ending: nobody of chunk n is looked at any more.
function chunk.forget_untold(b, n)
  if b.n.confirming == 0 or loa.untold(b) == 0 then
    return
  end
  for _, route in ipairs(loa.route_names(b)) do
    local c = {
      claims = b.key .. ':claims', name = string.format('%d:%s', n, route),
      states = b.key .. ':states', first = n * loa.CHUNK,
    }
    chunk.looked(c, b, chunk.bytes())
  end
end
