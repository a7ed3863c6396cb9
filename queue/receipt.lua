-- Message ids and receipts of a link, and what receipts do to a broadcast.  queue/receipt.h.
-- SPDX-License-Identifier: MIT
--
-- A link's slot (keys[1] is loa:link:{NAME}):
--   …:ids:YYYYMMDD  hash message id -> "ID:index:attempt:part:parts", kept receipts.wait and a day
--   …:early         hash message id -> "letter reason at_s parked_ms reference": receipts of
--                   unknown ids; a reference that was not given is "-"
--   …:early:refs    hash reference -> message id of those
--   …:uncertain:DAY hash reference -> place: parts that may have gone out, their id never known
--   …:parked        zset message id by parked_ms: which of them are over
--   …:ready         hash message id -> "letter reason at_s place": early ones whose id has come
--   …:totals        hash of counters stat:…, cumulative
-- A letter is D or U; an empty reason is written "-".  An answer that came after its message was
-- told uncertain goes the same way: A when with it every part was accepted, else I (its id alone).

local receipt = {
  PARK_MS = 600000, SWEEP = 128,
  -- a ledger record: what stands before the reason, submitted, what stands after the final second
  RECORD = '(.......).....(.......).......(......................)',
}

function receipt.day_key(link, s)
  return string.format('%s:ids:%04d%02d%02d', link, loa.date(s))
end

-- ---- The link's slot

-- Forgets a parked receipt.
function receipt.unpark(link, id, parked)
  redis.call('HDEL', link .. ':early', id)
  redis.call('ZREM', link .. ':parked', id)
  local reference = string.match(parked, '(%S+)$')
  if reference ~= '-' then
    redis.call('HDEL', link .. ':early:refs', reference)
  end
end

-- It is known where a parked receipt leads: the sweep settles it.
function receipt.ready(link, id, parked, place)
  local what = string.match(parked, '^(%S+ %S+ %S+)')
  redis.call('HSET', link .. ':ready', id, what .. ' ' .. place)
  receipt.unpark(link, id, parked)
end

-- Receipts of these ids that came before them: known from now on, to be settled by the sweep.
function receipt.make_ready(link, args)
  local ids, at = {}, {}
  for i = 2, #args, 2 do
    ids[#ids + 1] = args[i]
    at[#at + 1] = args[i + 1]
  end
  local found = 0
  for i, parked in ipairs(redis.call('HMGET', link .. ':early', unpack(ids))) do
    if parked then
      receipt.ready(link, ids[i], parked, at[i])
      found = found + 1
    end
  end
  return found
end

-- args: seconds to keep the day, then message id and "ID:index:attempt:part:parts" of each.
-- Answers how many receipts were waiting.
function receipt.ids(keys, args)
  local link = keys[1]
  local _, now_s = loa.now()
  if not args[2] then
    return 0
  end
  local key = receipt.day_key(link, now_s)
  local is_new = redis.call('EXISTS', key) == 0
  redis.call('HSET', key, unpack(args, 2))
  if is_new then
    redis.call('EXPIRE', key, args[1])
  end
  if redis.call('EXISTS', link .. ':early') == 0 then
    return 0
  end
  return receipt.make_ready(link, args)
end

-- Where each of the ids leads, looked for from today back; false where nowhere.
function receipt.find(link, ids, days, now_s)
  local places, missing = {}, {}
  for i = 1, #ids do
    places[i] = false
    missing[i] = i
  end
  for back = 0, days do
    if not missing[1] then
      break
    end
    local asked, left = {}, {}
    for i, at in ipairs(missing) do
      asked[i] = ids[at]
    end
    local got = redis.call('HMGET', receipt.day_key(link, now_s - back * 86400), unpack(asked))
    for i, at in ipairs(missing) do
      places[at] = got[i]
      if not got[i] then
        left[#left + 1] = at
      end
    end
    missing = left
  end
  return places
end

function receipt.uncertain_key(link, s)
  return string.format('%s:uncertain:%04d%02d%02d', link, loa.date(s))
end

-- Where a reference of today or yesterday leads; from then on the id does, too.
function receipt.by_reference(link, id, reference, now_s)
  for back = 0, 1 do
    local key = receipt.uncertain_key(link, now_s - back * 86400)
    local place = redis.call('HGET', key, reference)
    if place then
      redis.call('HDEL', key, reference)
      redis.call('HSET', receipt.day_key(link, now_s), id, place)
      return place
    end
  end
  return false
end

-- args: reference and place of each part that may have gone out.  Answers how many receipts were
-- waiting for them.
function receipt.uncertain(keys, args)
  local link = keys[1]
  local _, now_s = loa.now()
  local key, found = receipt.uncertain_key(link, now_s), 0
  redis.call('HSET', key, unpack(args))
  redis.call('EXPIRE', key, 172800)
  for i = 1, #args, 2 do
    local id = redis.call('HGET', link .. ':early:refs', args[i])
    local parked = id and redis.call('HGET', link .. ':early', id)
    if parked then
      receipt.ready(link, id, parked, args[i + 1])
      redis.call('HDEL', key, args[i])
      found = found + 1
    end
  end
  return found
end

receipt.RANK = { I = 0, A = 1, U = 2, D = 3 }

-- Keeps a receipt whose id is unknown as yet.  Of two the one that says more stays, and the
-- reference of either.  Whether it was new.
function receipt.park(link, id, what, reference, now_ms)
  local early = link .. ':early'
  local before = redis.call('HGET', early, id)
  if before then
    local known = string.match(before, '(%S+)$')
    local had = receipt.RANK[string.sub(before, 1, 1)]
    reference = reference == '-' and known or reference
    if had >= receipt.RANK[string.sub(what, 1, 1)] then
      if known == reference then
        return had < 2
      end
      what = string.match(before, '^(%S+ %S+ %S+)')
    end
    before = had >= 2
  end
  redis.call('HSET', early, id, string.format('%s %d %s', what, now_ms, reference))
  if reference ~= '-' then
    redis.call('HSET', early .. ':refs', reference, id)
  end
  redis.call('ZADD', link .. ':parked', 'NX', now_ms, id)
  return not before
end

-- An answer told where its id leads: so does a receipt that was waiting for it.
function receipt.wake(link, id, place)
  local parked = redis.call('HGET', link .. ':early', id)
  if parked then
    receipt.ready(link, id, parked, place)
  end
end

function receipt.told_ids(args)
  local ids = {}
  for i = 2, #args, 5 do
    ids[#ids + 1] = args[i]
  end
  return ids
end

-- args: how many past days to look through, then id, letter, reason, Unix seconds and reference of
-- each.
-- Answers each one's place, false when it was parked.
function receipt.receipts(keys, args)
  local link = keys[1]
  local now_ms, now_s = loa.now()
  local ids = receipt.told_ids(args)
  local places, duplicate = receipt.find(link, ids, tonumber(args[1]), now_s), 0
  local count = 0
  for i, id in ipairs(ids) do
    local a = 5 * i - 3
    local reference, late = args[a + 4], receipt.RANK[args[a + 1]] < 2
    count = count + (late and 0 or 1)
    if not places[i] and reference ~= '-' then
      places[i] = receipt.by_reference(link, id, reference, now_s)
      if places[i] and late then
        receipt.wake(link, id, places[i])
      end
    end
    if not places[i] then
      local what = args[a + 1] .. ' ' .. args[a + 2] .. ' ' .. args[a + 3]
      local new = receipt.park(link, id, what, reference, now_ms)
      duplicate = duplicate + ((new or late) and 0 or 1)
    end
  end
  if count > 0 then
    redis.call('HINCRBY', link .. ':totals', 'stat:receipts', count)
  end
  if duplicate > 0 then
    redis.call('HINCRBY', link .. ':totals', 'stat:receipts_duplicate', duplicate)
  end
  return places
end

-- args: as of receipt.receipts, all of which were told before: to a Redis that may have forgotten
-- them.  Nothing counts again; what leads somewhere is settled by the sweep, again or at last.
function receipt.again(keys, args)
  local link = keys[1]
  local now_ms, now_s = loa.now()
  local ids = receipt.told_ids(args)
  for i, place in ipairs(receipt.find(link, ids, tonumber(args[1]), now_s)) do
    local a = 5 * i - 3
    local reference = args[a + 4]
    local what = args[a + 1] .. ' ' .. args[a + 2] .. ' ' .. args[a + 3]
    place = place or reference ~= '-' and receipt.by_reference(link, ids[i], reference, now_s)
    if place then
      redis.call('HSET', link .. ':ready', ids[i], what .. ' ' .. place)
    else
      receipt.park(link, ids[i], what, reference, now_ms)
    end
  end
  return #ids
end

-- Drops what was parked for too long, counted; answers what is ready: id, letter, reason, Unix
-- seconds, place, … (at most receipt.SWEEP of them).
function receipt.sweep(keys)
  local link = keys[1]
  local now_ms = loa.now()
  local over = redis.call('ZRANGEBYSCORE', link .. ':parked', '-inf',
    string.format('%d', now_ms - receipt.PARK_MS), 'LIMIT', 0, receipt.SWEEP)
  if over[1] then
    local unmatched = 0
    for _, id in ipairs(over) do
      local parked = redis.call('HGET', link .. ':early', id) or '-'
      unmatched = unmatched + (string.find(parked, '^[AI]') and 0 or 1)
      receipt.unpark(link, id, parked)
    end
    redis.call('HINCRBY', link .. ':totals', 'stat:receipts_unmatched', unmatched)
  end
  local answer = {}
  local ready = redis.call('HGETALL', link .. ':ready')
  for i = 1, math.min(#ready, 2 * receipt.SWEEP), 2 do
    local letter, reason, at_s, place = string.match(ready[i + 1], '^(%S+) (%S+) (%S+) (%S+)$')
    for _, text in ipairs({ ready[i], letter, reason, at_s, place }) do
      answer[#answer + 1] = text
    end
  end
  return answer
end

-- args: message ids that the sweep answered and that are settled now.
function receipt.settled(keys, args)
  return args[1] and redis.call('HDEL', keys[1] .. ':ready', unpack(args)) or 0
end

-- ---- The broadcast's slot

-- A part's receipt on the mask of its message: '.' none came, '1' delivered, 'x' undelivered.
-- Returns the event for the whole message, nil when nothing follows, and whether it changed.
function receipt.on_part(b, e)
  local details = b.key .. ':details'
  local base = receipt.chain(b, e)
  local field = 'parts:' .. e.index .. ':' .. base
  local mask = redis.call('HGET', details, field) or string.rep('.', e.parts)
  local mark = e.event == 'D' and '1' or 'x'
  local before = string.sub(mask, e.part, e.part)
  if before == mark or before == '1' then
    return nil, false
  end
  mask = string.sub(mask, 1, e.part - 1) .. mark .. string.sub(mask, e.part + 1)
  if not string.find(mask, '[^1]') then
    redis.call('HDEL', details, field)
    return 'D', true
  end
  redis.call('HSET', details, field, mask)
  return string.find(mask, 'x', 1, true) and 'U' or nil, true
end

-- Tries of which each sent only what the one before it was refused are one message: their parts
-- are counted together, under the first, and a bad receipt of any speaks of the last.  Returns the
-- first.
function receipt.chain(b, e)
  local kept = redis.call('HGET', b.key .. ':details', 'kept:' .. e.index)
  local base, last, left = string.match(kept or '', '^(%d+) (%d+) (%d+) ')
  base, last = tonumber(base), tonumber(last)
  if not base or e.attempt < base or e.attempt > last then
    return e.attempt
  end
  e.speaks_of = last
  e.written = e.attempt == last and tonumber(left) or nil
  return base
end

-- Whether a bad receipt speaks of the try that counts: none later is under way or was accepted.
function receipt.is_current(letter, attempt, tried)
  if letter == 's' then
    return attempt > tried
  end
  return attempt >= tried
end

-- Of a message in parts the bad news may have come by another receipt.
function receipt.why(e)
  return e.event ~= 'U' and '' or e.reason ~= '' and e.reason or 'undel'
end

-- The field of a record for a message id; one that is longer goes into the details.
function receipt.write_id(b, e, width)
  if #e.id > width then
    redis.call('HSET', b.key .. ':details', 'id:' .. e.index, e.id)
    return loa.pad('*', width)
  end
  return loa.pad(e.id, width)
end

-- The member's record with how and when it ended; parts of a try nobody had recorded are counted.
function receipt.write(b, e, record, tried)
  if not loa.is_written(record) then
    record = loa.record({ channel = loa.channel_at(b, e.index) })
  end
  if e.attempt > tried then
    local written = e.written or e.parts
    loa.add(b, 'parts', written)
    loa.add(b, 'cost', written * b.n.price)
    loa.add(b, 'stat:parts_submitted', written)
    local channel = loa.channel_at(b, e.index)
    if string.sub(record, 1, 1) ~= channel then -- of the one before
      record = loa.record({ channel = channel })
    end
    record = string.sub(record, 1, 3) .. loa.number10(e.attempt, 2) .. loa.number10(e.parts, 2)
      .. string.sub(record, 8)
  end
  local id = string.sub(record, 27)
  if e.id ~= '' and e.parts == 1 and not string.find(id, '%S') then
    id = receipt.write_id(b, e, #id)
  end
  record = string.sub(record, 1, 7) .. loa.pad(receipt.why(e), 5)
    .. string.sub(record, 13, 19) .. loa.number36(e.at_s, 7) .. id
  redis.call('SETRANGE', b.key .. ':ledger', e.index * loa.RECORD, record)
end

-- One receipt.  Whether it changed anything.
function receipt.settle_one(b, e)
  local states, changed = b.key .. ':states', false
  local letter = redis.call('GETRANGE', states, e.index, e.index)
  if letter == '' or letter == 'd' then
    return false
  end
  if e.parts > 1 and e.event ~= 'A' then
    e.event, changed = receipt.on_part(b, e)
    if not e.event then
      return changed
    end
  end
  local record = redis.call('GETRANGE', b.key .. ':ledger', e.index * loa.RECORD,
    (e.index + 1) * loa.RECORD - 1)
  local tried = tonumber(string.sub(record, 4, 5)) or 0
  local current = receipt.is_current(letter, e.speaks_of or e.attempt, tried)
  local after = loa.next(letter, e.event, current)
  if not after then
    return changed
  end
  redis.call('SETRANGE', states, e.index, after)
  receipt.write(b, e, record, tried)
  loa.move(b, letter, after, 1)
  if after == 'u' then
    chunk.pass_on(b, e.index)
  end
  if letter == 'r' then
    redis.call('HDEL', b.key .. ':details', 'due:' .. e.index)
  end
  return true
end

-- n members in a row, accepted by one part, of whom the receipt says delivered: written as a whole.
-- False when they are anything else.
function receipt.settle_run(b, e, n)
  local states, from = b.key .. ':states', e.index * loa.RECORD
  if e.event ~= 'D' or e.parts > 1
    or redis.call('GETRANGE', states, e.index, e.index + n - 1) ~= string.rep('a', n) then
    return false
  end
  local span = redis.call('GETRANGE', b.key .. ':ledger', from, from + n * loa.RECORD - 1)
  if #span < n * loa.RECORD or string.find(span, '\0', 1, true) then
    return false
  end
  span = string.gsub(span, receipt.RECORD, '%1     %2' .. loa.number36(e.at_s, 7) .. '%3')
  redis.call('SETRANGE', states, e.index, string.rep('d', n))
  redis.call('SETRANGE', b.key .. ':ledger', from, span)
  loa.move(b, 'a', 'd', n)
  return true
end

-- keys: broadcast.  args: 1 = count duplicates, then index, how many in a row, letter, attempt,
-- part, parts, reason (of A the message id), Unix seconds (of A: 0, it is not final) of each.
-- Answers how many receipts changed nothing, and how many members became delivered and undelivered,
-- then what chunk.wake adds; -1 when there is no such broadcast.
function receipt.settle(keys, args)
  local b = loa.load(keys[1])
  if not b or b.n.archived_s > 0 then
    return -1
  end
  local _, now_s = loa.now()
  local duplicate = 0
  local delivered, undelivered =
    b.n['stat:messages_delivered'], b.n['stat:messages_undelivered']
  for i = 2, #args, 8 do
    local first, n, parts = tonumber(args[i]), tonumber(args[i + 1]), tonumber(args[i + 5])
    local e = {
      index = first, attempt = tonumber(args[i + 3]), parts = parts, event = args[i + 2],
      part = math.min(math.max(tonumber(args[i + 4]), 1), parts),
      reason = args[i + 6] == '-' and '' or args[i + 6], at_s = tonumber(args[i + 7]),
    }
    e.id = e.event == 'A' and e.reason or ''
    if n == 1 or not receipt.settle_run(b, e, n) then
      for index = first, first + n - 1 do
        e.index, e.event = index, args[i + 2]
        local changed = receipt.settle_one(b, e)
        duplicate = duplicate + ((changed or args[i + 2] == 'A') and 0 or 1)
      end
    end
  end
  if args[1] == '1' and duplicate > 0 then
    loa.add(b, 'stat:receipts_duplicate', duplicate)
  end
  loa.save(b, now_s)
  return chunk.wake(b, {
    duplicate, b.n['stat:messages_delivered'] - delivered,
    b.n['stat:messages_undelivered'] - undelivered,
  })
end

redis.register_function{
  function_name = 'loa_ids', callback = receipt.ids, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_uncertain', callback = receipt.uncertain, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_receipts_again', callback = receipt.again, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_receipts', callback = receipt.receipts, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_sweep_early', callback = receipt.sweep, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_settled', callback = receipt.settled, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_settle', callback = receipt.settle, flags = { 'allow-oom' },
}
