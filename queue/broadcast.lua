-- A broadcast from its creation to its last chunk: create, plan, start, sweep.
-- SPDX-License-Identifier: MIT

local broadcast = {}

-- ---- create -----------------------------------------------------------------------------------

-- The id was taken before.  The entries that repeated it are remembered (the last 16), so that an
-- entry read again after a crash is counted once.
function broadcast.again(key, source, content)
  local had = redis.call('HMGET', key, 'source_id', 'content', 'repeated_by')
  if had[1] == source then
    return 'AGAIN'
  end
  if had[2] ~= content then
    return 'OTHER'
  end
  local seen = had[3] or ''
  if not string.find(' ' .. seen .. ' ', ' ' .. source .. ' ', 1, true) then
    local kept = source
    local n = 1
    for one in string.gmatch(seen, '%S+') do
      if n < 16 then
        kept = kept .. ' ' .. one
        n = n + 1
      end
    end
    redis.call('HSET', key, 'repeated_by', kept)
    redis.call('HINCRBY', key, 'stat:announcements_repeated', 1)
  end
  return 'SAME'
end

-- KEYS[1] loa:broadcast:{ID}.  ARGV: source entry, content hash, the audience's bitmap, start_s,
-- then the fields of the hash.  Everything that a broadcast begins with is written at once.
function broadcast.create(keys, args)
  local key, source, content = keys[1], args[1], args[2]
  if redis.call('EXISTS', key) == 1 then
    return broadcast.again(key, source, content)
  end
  local _, now_s = loa.now()
  local fields = { 'source_id', source, 'content', content, 'start_s', args[4] }
  local routes, announced = 's=sms', 1
  for i = 5, #args do
    fields[#fields + 1] = args[i]
    if args[i - 1] == 'routes' and i % 2 == 0 then
      routes = args[i]
    elseif args[i - 1] == 'twin_of' and i % 2 == 0 then
      announced = 0
    end
  end
  local total = 0
  if args[3] ~= '' then
    redis.call('SET', key .. ':audience', args[3])
    total = redis.call('BITCOUNT', key .. ':audience')
  end
  redis.call('SET', key .. ':states', string.rep('q', total))
  redis.call('SET', key .. ':routes', string.rep(string.sub(routes, 1, 1), total))
  local waits = tonumber(args[4]) > now_s
  local state = waits and 'scheduled' or total == 0 and 'done' or 'sending'
  local more = {
    'state', state, 'total', total, 'chunks', math.ceil(total / loa.CHUNK), 'planned', 0,
    'epoch', 0, 'routes', routes, 'stat:messages_queued', total,
    'stat:announcements_accepted', announced,
  }
  for i = 1, #loa.LETTERS do
    local letter = string.sub(loa.LETTERS, i, i)
    more[#more + 1] = loa.FIELD[letter]
    more[#more + 1] = letter == 'q' and total or 0
  end
  if state == 'done' then
    more[#more + 1] = 'finished_s'
    more[#more + 1] = now_s
  end
  for i = 1, #more do
    fields[#fields + 1] = more[i]
  end
  redis.call('HSET', key, 'parts', 0, 'cost', 0, unpack(fields))
  return 'CREATED'
end

-- KEYS[1]: the broadcast that has this content (announced without an id).  ARGV: entry, content.
function broadcast.repeated(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    return 'SAME'
  end
  return broadcast.again(keys[1], args[1], args[2])
end

-- ---- plan -------------------------------------------------------------------------------------

-- Longer than hash-max-listpack-value (64): Redis then keeps the claims as a table from the start,
-- and asking for a field that is not there does not read through all others.
broadcast.ABOUT_CLAIMS =
  '"chunk:route" has "worker epoch lease_end_ms" (0: closed); queue/SCHEMA.md has the rest'

-- "worker lease_end_ms" under the claims' field "plan": false while another's lease runs.
function broadcast.take_plan(key, worker, now_ms, lease_ms)
  local held = redis.call('HGET', key .. ':claims', 'plan')
  if held then
    local owner, lease_end = string.match(held, '^(%S+) (%d+)$')
    if owner ~= worker and tonumber(lease_end) > now_ms then
      return false
    end
  end
  local lease = string.format('%s %d', worker, now_ms + lease_ms)
  if held then
    redis.call('HSET', key .. ':claims', 'plan', lease)
  else
    redis.call('HSET', key .. ':claims', 'plan', lease, 'about', broadcast.ABOUT_CLAIMS)
  end
  return true
end

-- The members of chunk n that are skipped: six bytes each, place and reason.
function broadcast.skip(b, n, skips, now_s)
  local first = n * loa.CHUNK
  local letters = redis.call('GETRANGE', b.key .. ':states', first, first + loa.CHUNK - 1)
  local out, from, moved = {}, 1, 0
  for i = 1, #skips, 6 do
    local place = string.byte(skips, i)
    local letter = string.sub(letters, place + 1, place + 1)
    local to = letter ~= '' and loa.next(letter, 'K', true)
    if to then
      out[#out + 1] = string.sub(letters, from, place) .. to
      from = place + 2
      loa.move(b, letter, to, 1)
      moved = moved + 1
      local record = loa.record{ reason = string.sub(skips, i + 1, i + 5), final_s = now_s }
      redis.call('SETRANGE', b.key .. ':ledger', (first + place) * loa.RECORD, record)
    end
  end
  if moved > 0 then
    out[#out + 1] = string.sub(letters, from)
    redis.call('SETRANGE', b.key .. ':states', first, table.concat(out))
  end
end

-- Whether some member of chunk n on that route is at one of the letters of `pattern`.
function broadcast.has(b, n, route, pattern)
  local first = n * loa.CHUNK
  local letters = redis.call('GETRANGE', b.key .. ':states', first, first + loa.CHUNK - 1)
  local at = string.find(letters, pattern)
  if not at or not b.several then
    return at ~= nil
  end
  local letter = loa.route_letter(b, route)
  local routes = redis.call('GETRANGE', b.key .. ':routes', first, first + loa.CHUNK - 1)
  while at and string.sub(routes, at, at) ~= letter do
    at = string.find(letters, pattern, at + 1)
  end
  return at ~= nil
end

-- Which of the chunks first … planned - 1 may stand in the streams now: those that stand ahead from
-- the beginning, and those whose turn came before they were planned.  (Of a chunk that is closed
-- later, done names the successor.)  "ROUTE n" each.
function broadcast.to_feed(b, first, planned)
  local feed = {}
  for _, route in ipairs(loa.route_names(b)) do
    loa.terms(b, route)
    for n = first, planned - 1 do
      local before = n - b.n.ahead
      if broadcast.has(b, n, route, '[q]')
        and (before < 0 or not broadcast.has(b, before, route, '[qs]')) then
        feed[#feed + 1] = route .. ' ' .. n
      end
    end
  end
  return feed
end

-- KEYS[1] loa:broadcast:{ID}.  ARGV: worker, lease in ms, the first chunk's number (-1: only take
-- the plan), then for each chunk its text for …:chunks, its skips, and its members' routes ('':
-- all on the first).
-- Answers verdict, planned, chunks, total, priority, channels, routes, the chunks to be fed.
function broadcast.plan(keys, args)
  local key, worker, first = keys[1], args[1], tonumber(args[3])
  local b = loa.load(key)
  if not b then
    return { 'GONE', 0, 0, 0, '', '', '' }
  end
  local now_ms, now_s = loa.now()
  local had = redis.call('HMGET', key, 'priority', 'channels')
  local answer = {
    'OK', b.n.planned, b.n.chunks, b.n.total, had[1] or '', had[2] or 'sms', b.routes,
  }
  if b.state == 'sending' and loa.stopped(b, now_s) then
    answer[1] = 'OVER'
    return answer
  end
  if b.state ~= 'sending' then
    answer[1] = (b.state == 'scheduled' or b.state == 'paused') and 'HELD' or 'OVER'
    return answer
  end
  if b.n.planned == b.n.chunks then
    return answer
  end
  if not broadcast.take_plan(key, worker, now_ms, tonumber(args[2])) then
    answer[1] = 'HELD'
    return answer
  end
  if first < 0 then
    return answer
  end
  if first ~= b.n.planned then
    answer[1] = 'NEXT'
    return answer
  end
  for i = 4, #args - 2, 3 do
    local n = b.n.planned
    if n < b.n.chunks then
      redis.call('HSET', key .. ':chunks', n, args[i])
      if args[i + 2] ~= '' then
        redis.call('SETRANGE', key .. ':routes', n * loa.CHUNK, args[i + 2])
      end
      broadcast.skip(b, n, args[i + 1], now_s)
      loa.add(b, 'planned', 1)
    end
  end
  answer[2] = b.n.planned
  for _, n in ipairs(broadcast.to_feed(b, first, b.n.planned)) do
    answer[#answer + 1] = n
  end
  loa.save(b, now_s)
  if b.n.planned == b.n.chunks then
    redis.call('HDEL', key .. ':claims', 'plan')
  end
  return answer
end

-- ---- start and sweep --------------------------------------------------------------------------

-- A scheduled broadcast whose time has come begins.  Answers its state, false when there is none.
function broadcast.start(keys)
  local key = keys[1]
  local had = redis.call('HMGET', key, 'state', 'start_s', 'total')
  local _, now_s = loa.now()
  if had[1] ~= 'scheduled' or tonumber(had[2] or 0) > now_s then
    return had[1]
  end
  if tonumber(had[3] or 0) == 0 then
    redis.call('HSET', key, 'state', 'done', 'finished_s', now_s)
    return 'done'
  end
  redis.call('HSET', key, 'state', 'sending')
  return 'sending'
end

-- The first place at or behind `from` with one of the letters, by C searches that each go over the
-- letters once: `at` remembers where each letter stands next.
function broadcast.next_open(states, at, from)
  local nearest
  for letter, place in pairs(at) do
    if place and place < from then
      place = string.find(states, letter, from, true) or false
      at[letter] = place
    end
    if place and (not nearest or place < nearest) then
      nearest = place
    end
  end
  return nearest
end

-- The letters that stand at `last` or before it.
function broadcast.near(at, last)
  local near = {}
  for letter, place in pairs(at) do
    near[#near + 1] = place and place <= last and letter or ''
  end
  return table.concat(near)
end

-- Of a chunk's open letters those that are work now, and whether others may fall back.
function broadcast.split(b, open)
  local work, waiting = string.gsub(open, b.resend and '[auk]' or '[a?uk]', '')
  return work, waiting > 0
end

-- Whether somebody of chunk n has waited for too long to be confirmed (chunk_confirm.lua).
function broadcast.is_overdue(b, n, route, now_ms)
  local due_ms = redis.call('HGET', b.key .. ':claims', n .. ':' .. route .. ':confirm')
  return due_ms and tonumber(due_ms) <= now_ms
end

-- When the planner's lease is over; nil: none runs.
function broadcast.plan_over(key, now_ms)
  local held = redis.call('HGET', key .. ':claims', 'plan')
  local lease_end = held and tonumber(string.match(held, ' (%d+)$'))
  return lease_end and lease_end > now_ms and lease_end or nil
end

broadcast.CLOCK_VIEW = loa.view({
  'queued', 'sending', 'retrying', 'uncertain', 'accepted', 'expired', 'planned', 'chunks',
  'confirming', 'start_s', 'expires_s', 'ahead',
})

-- How the broadcast is to be ended now, and when the clock changes its state next.
function broadcast.clock(b, now_s)
  if b.state ~= 'sending' and b.state ~= 'paused' and b.state ~= 'scheduled' then
    return '', 0
  end
  if b.ending then
    return b.n.queued + b.n.retrying > 0 and b.ending or '', 0
  end
  if loa.expired(b, now_s) then
    local before = b.state
    if loa.confirms(b) then -- nobody may fall back any more: done, if nobody is still to be sent to
      loa.save(b, now_s)
    end
    return b.state == before and 'expired' or '', 0
  end
  return '', b.state == 'scheduled' and b.n.start_s or b.n.expires_s
end

-- KEYS[1] loa:broadcast:{ID}.  ARGV: which of its routes (from 0), chunk to begin at, chunks to
-- look at (a budget).
-- Answers state, planned, chunks, priority, the chunk to go on at (-1: at the end), finished_s,
-- how loa_end is to end it ('': not), when the clock changes its state next (Unix seconds, 0: not),
-- the route's name, how many routes it has, in how many ms the first lease of an unfinished chunk
-- or of the planner is over (0: none runs),
-- then the chunks that are not finished and that nobody has claimed, as many as may stand ahead,
-- and all that only wait for a retry (-1 - n: fed unless it is due later); of a broadcast that is
-- stopped, those that a dead worker left at s.  Whether one stands in a stream or is due the
-- feeding finds.
function broadcast.sweep(keys, args)
  local key, from, budget = keys[1], tonumber(args[2]), tonumber(args[3])
  local state = broadcast.start(keys)
  if not state then
    return { 'gone', 0, 0, '', -1, 0, '', 0, '', 0, 0 }
  end
  local had = redis.call('HMGET', key, 'planned', 'chunks', 'priority', 'finished_s')
  local planned = tonumber(had[1] or 0)
  local answer = { state, planned, tonumber(had[2] or 0), had[3] or '', -1, tonumber(had[4] or 0) }
  local b = loa.load(key, broadcast.CLOCK_VIEW)
  local names = loa.route_names(b)
  local route = names[tonumber(args[1]) + 1] or ''
  loa.terms(b, route)
  local now_ms, now_s = loa.now()
  answer[7], answer[8] = broadcast.clock(b, now_s)
  answer[9], answer[10], answer[11] = route, #names, 0
  if state ~= 'sending' and state ~= 'paused' then
    return answer
  end
  local states = redis.call('GETRANGE', key .. ':states', 0, planned * loa.CHUNK - 1)
  local at, untold = { s = 0 }, false
  if not loa.stopped(b, now_s) then
    at.q, at.r, at['?'] = 0, 0, (b.resend or b.doubt_ms > 0) and 0 or nil
    at.a = b.confirm_ms > 0 and 0 or nil
    untold = b.n.confirming > 0 and loa.untold(b) > 0
    at.u, at.k = untold and 0 or nil, untold and 0 or nil
  end
  local ahead = math.max(b.n.ahead, 1)
  local first_over = from == 0 and planned < answer[3] and broadcast.plan_over(key, now_ms) or nil
  local place = planned > 0 and broadcast.next_open(states, at, from * loa.CHUNK + 1)
  while place do
    local n = math.floor((place - 1) / loa.CHUNK)
    local last = (n + 1) * loa.CHUNK
    if budget == 0 or ahead <= 0 then
      answer[5] = ahead > 0 and n or -1
      break
    end
    budget = budget - 1
    local work, waiting = broadcast.split(b, broadcast.near(at, last))
    local overdue = waiting and broadcast.is_overdue(b, n, route, now_ms)
    if work ~= '' and broadcast.has(b, n, route, '[' .. work .. ']') or overdue then
      local claim = redis.call('HGET', key .. ':claims', n .. ':' .. route)
      local lease_end = claim and tonumber(string.match(claim, '(%d+)$')) or 0
      if lease_end <= now_ms then
        local waits = not (overdue and untold)
          and (not string.find(work, '[qs]') or not broadcast.has(b, n, route, '[qs]'))
        answer[#answer + 1] = waits and -1 - n or n
      else
        first_over = math.min(first_over or lease_end, lease_end)
      end
      if string.find(work, '[qs?]') then
        ahead = ahead - 1
      end
    end
    place = broadcast.next_open(states, at, last + 1)
  end
  answer[11] = first_over and first_over - now_ms or 0
  return answer
end

redis.register_function('loa_create', broadcast.create)
redis.register_function('loa_repeated', broadcast.repeated)
redis.register_function('loa_plan', broadcast.plan)
redis.register_function{
  function_name = 'loa_start', callback = broadcast.start, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_sweep', callback = broadcast.sweep, flags = { 'allow-oom' },
}
