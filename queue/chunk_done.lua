-- The answers of a batch: what done makes of each event, and when a chunk is closed.
-- queue/SCHEMA.md, "Functions"; queue/chunk.h.
-- SPDX-License-Identifier: MIT

-- So many latest dones are known again.
chunk.DONES = 16

-- What a batch of accepted members in a row can move: half the price of the whole view.
chunk.ACCEPTED_VIEW = loa.view({
  'queued', 'sending', 'retrying', 'uncertain', 'accepted', 'expired', 'parts', 'cost', 'price',
  'chunks', 'planned', 'ahead', 'expires_s', 'uncertain_wait_ms', 'confirming',
  'stat:messages_accepted', 'stat:parts_submitted', 'stat:throttled',
})
chunk.ACCEPTED_VIEW.n = {}

function chunk.sum(bytes)
  local one = string.byte(bytes, 1)
  if bytes == chunk.run(string.sub(bytes, 1, 1), #bytes) then
    return one * #bytes
  end
  local total = 0
  for i = 1, #bytes do
    total = total + string.byte(bytes, i)
  end
  return total
end

-- The usual batch: by the present owner, members in a row, all accepted, all at s.
function chunk.is_usual(c, d)
  local n = #d.places
  local at = string.byte(d.places, 1)
  if n == 0 or not d.current or d.events ~= chunk.run('A', n)
    or string.sub(chunk.bytes(), at + 1, at + n) ~= d.places then
    return n == 0
  end
  local from = c.first + at
  return redis.call('GETRANGE', c.states, from, from + n - 1) == chunk.run('s', n)
end

function chunk.done_usual(c, b, d)
  local n = #d.places
  local from = c.first + string.byte(d.places, 1)
  redis.call('SETRANGE', c.states, from, chunk.run('a', n))
  redis.call('SETRANGE', c.ledger, from * loa.RECORD, d.ledger)
  loa.move(b, 's', 'a', n)
  chunk.submitted(b, chunk.sum(d.parts), d.ledger) -- a batch is of one link
  for place in pairs(d.detailed) do
    d.taken[place] = true
  end
end

-- A try whose event moved nothing (good news was there before) was made all the same: its parts
-- count once, by the number of its attempt, and an answer's facts are added to the record; so is
-- the link, if only a receipt was recorded.
function chunk.refused(c, b, d, o)
  if string.find('RKX', o.event, 1, true) then
    return
  end
  local stored = chunk.record_of(c, o.place)
  local attempt, before = chunk.attempts(o.record), chunk.attempts(stored)
  if attempt < before then
    return
  end
  if attempt > before then
    chunk.submitted(b, o.parts, o.record)
  end
  if o.event == 'A' or string.sub(stored, 2, 3) == '  ' then
    local reason, final = string.sub(stored, 8, 12), string.sub(stored, 20, 26)
    if #stored < loa.RECORD or chunk.is_blank(final) then
      reason, final = string.sub(o.record, 8, 12), string.sub(o.record, 20, 26)
    end
    d.records[o.place] = string.sub(o.record, 1, 7) .. reason .. string.sub(o.record, 13, 19)
      .. final .. string.sub(o.record, 27)
    d.taken[o.place] = true
  elseif attempt > before and not chunk.is_blank(stored) then
    d.records[o.place] = string.sub(stored, 1, 3) .. string.sub(o.record, 4, 5)
      .. string.sub(stored, 6)
  end
end

-- The channel did not tell the member: it stands behind those that did not before, once.  A member
-- has two places of six bytes, as there are three channels and the last one passes nobody on.
function chunk.passed(c, place, record)
  local key, at = c.key .. ':passed', 12 * (c.first + place)
  local by = string.sub(c.route, 1, 1)
  local had = redis.call('GETRANGE', key, at, at + 11)
  local others = ''
  for i = 1, #had, 6 do
    local letter = string.sub(had, i, i)
    others = others .. (letter ~= by and letter ~= '\0' and string.sub(had, i, i + 5) or '')
  end
  local now = string.sub(others, -6) .. by .. string.sub(record, 8, 12)
  redis.call('SETRANGE', key, at, now .. string.rep('\0', 12 - #now))
end

-- An event that moved its member from `letter`.
function chunk.taken(c, b, d, o, letter)
  if o.event == 'R' then
    return
  end
  local record = o.record
  if o.event == 'F' and letter ~= 's' then
    if letter == 'a' then -- it may have arrived, and the next channel tells it again
      loa.add(b, 'stat:messages_uncertain', 1)
    end
    record = chunk.unconfirmed(chunk.record_of(c, o.place), record, letter)
  elseif letter ~= 's' or not d.current then
    local stored = chunk.record_of(c, o.place)
    local attempt, before = chunk.attempts(record), chunk.attempts(stored)
    if attempt > before then
      chunk.submitted(b, o.parts, record)
    end
    if attempt < before then
      record = string.sub(record, 1, 3) .. string.sub(stored, 4, 5) .. string.sub(record, 6)
    end
  else
    chunk.submitted(b, o.parts, record)
  end
  if o.event == 'F' then
    chunk.passed(c, o.place, record)
  end
  d.records[o.place] = record
  d.taken[o.place] = true
end

-- Whether it is this route's turn.
function chunk.has_turn(c, b, place)
  local at = c.first + place
  return not b.several
    or redis.call('GETRANGE', c.key .. ':routes', at, at) == loa.route_letter(b, c.route)
end

-- The next route's turn: its letter came with the batch.  False when the member is not on this
-- route any more, or there is no such route.
function chunk.fall_back(c, b, d, place)
  local letter = d.fallback[place]
  local at = c.first + place
  local name = letter and string.match(',' .. b.routes, ',' .. letter .. '=([^,]+)')
  if not name or not chunk.has_turn(c, b, place) then
    return false
  end
  redis.call('SETRANGE', c.key .. ':routes', at, letter)
  redis.call('HSET', c.claims, c.n .. ':' .. name .. ':again', '1')
  return true
end

-- What an event leaves in the details and claims: due times, the latest loss.
function chunk.note(c, d, o, letter)
  local field = 'due:' .. (c.first + o.place)
  if letter == 'r' then
    d.hdel[#d.hdel + 1] = field
  end
  if o.event == 'T' or o.event == 'H' then
    d.hset[#d.hset + 1] = field
    d.hset[#d.hset + 1] = string.format('%d', o.due)
    d.due = chunk.earlier(d.due, o.due)
    d.again = true
  elseif o.event == 'L' then
    d.lost = true
    d.again = true
  end
end

-- The letter after the event; of a broadcast that is ending nobody waits again.
function chunk.after(c, b, d, o, letter)
  local after = loa.next(letter, o.event, d.current)
  if not b.ending or (after ~= 'q' and after ~= 'r') then
    return after
  end
  local record = o.event == 'R' and chunk.record_of(c, o.place) or o.record
  o.record = loa.ended(record, b.ending, d.now_s)
  o.event = loa.ENDS[b.ending].event
  return loa.ENDS[b.ending].letter
end

-- Any batch, member by member.
function chunk.done_each(c, b, d)
  local low, high = 255, 0
  for i = 1, #d.places do
    local place = string.byte(d.places, i)
    low, high = math.min(low, place), math.max(high, place)
  end
  local span = redis.call('GETRANGE', c.states, c.first + low, c.first + high)
  local letters = { string.byte(span, 1, #span) }
  local changed = false
  for i = 1, #d.places do
    local place = string.byte(d.places, i)
    local o = {
      place = place, event = string.sub(d.events, i, i), parts = string.byte(d.parts, i) or 0,
      record = string.sub(d.ledger, (i - 1) * loa.RECORD + 1, i * loa.RECORD),
      due = tonumber(d.dues[i]) or 0,
    }
    local letter = string.char(letters[place - low + 1] or 0)
    local after = chunk.after(c, b, d, o, letter)
    if after and (o.event == 'F' and not chunk.fall_back(c, b, d, place)
      or o.event == 'K' and not chunk.has_turn(c, b, place)) then
      after = nil -- opted out of this channel, and told by another
    end
    if after then
      letters[place - low + 1] = string.byte(after)
      changed = true
      loa.move(b, letter, after, 1, o.event == 'K' and chunk.pass_on(b, c.first + place))
      chunk.taken(c, b, d, o, letter)
      chunk.note(c, d, o, letter)
    elseif letter ~= '\0' then
      chunk.refused(c, b, d, o)
    end
  end
  if changed then
    redis.call('SETRANGE', c.states, c.first + low, string.char(unpack(letters)))
  end
  chunk.write_records(c, d.records, low, high)
end

function chunk.write_notes(c, d, held, now_ms)
  for place, fields in pairs(d.detailed) do
    if d.taken[place] then
      for _, detail in ipairs(fields) do
        d.hset[#d.hset + 1] = detail[1] .. ':' .. (c.first + place)
        d.hset[#d.hset + 1] = detail[2]
      end
    end
  end
  if d.hdel[1] then
    redis.call('HDEL', c.details, unpack(d.hdel))
  end
  if d.hset[1] then
    redis.call('HSET', c.details, unpack(d.hset))
  end
  local claims = {}
  if d.due then
    local due = held[3] and chunk.earlier(d.due, tonumber(held[3])) or d.due
    claims = { c.name .. ':due', string.format('%d', due) }
  end
  if d.lost then
    claims[#claims + 1] = c.name .. ':lost'
    claims[#claims + 1] = string.format('%d', now_ms)
  end
  if d.again then
    claims[#claims + 1] = c.name .. ':again'
    claims[#claims + 1] = '1'
  end
  if claims[1] then
    redis.call('HSET', c.claims, unpack(claims))
  end
end

-- Drops the claim when nothing is left to do now, or, to give it up, when nobody is on the wire.
-- Returns whether it did, the chunk to feed next (-1: none; itself: given up), and when this one is
-- due again (0: not).
function chunk.close(c, b, epoch, give_up, now_ms, now_s)
  local _, mine = chunk.letters(c, b)
  local left = string.find(mine, 'q', 1, true) and not loa.stopped(b, now_s)
  if string.find(mine, 's', 1, true) or (left and not give_up) then
    return false, -1, 0
  end
  redis.call('HSET', c.claims, c.name, c.worker .. ' ' .. epoch .. ' 0')
  redis.call('HDEL', c.claims, c.name .. ':begun')
  if b.state ~= 'sending' or b.ending then
    return true, -1, 0
  elseif left then
    return true, c.n, 0
  end
  local due
  local found = chunk.all_of(mine, 'r')
  if found[1] then
    for _, text in ipairs((chunk.dues(c, found))) do
      due = chunk.earlier(due, math.max(tonumber(text or '0'), now_ms))
    end
  end
  due = chunk.earlier(due, chunk.waits_until(c, b, mine))
  loa.save(b, now_s) -- nobody may be waiting any more
  if b.resend and not loa.expired(b, now_s) and string.find(mine, '?', 1, true) then
    local lost = tonumber(redis.call('HGET', c.claims, c.name .. ':lost') or '0')
    due = chunk.earlier(due, math.max(lost + b.n.uncertain_wait_ms, now_ms))
  end
  local successor = c.n + b.n.ahead
  return true, successor < b.n.planned and successor or -1, due or 0
end

-- What the caller of done brings.
function chunk.brought(args)
  local d = {
    events = args[9], places = args[10], parts = args[11], ledger = args[12], dues = {},
    detailed = {}, taken = {}, records = {}, hset = {}, hdel = {}, fallback = {},
  }
  for due in string.gmatch(args[13], '%d+') do
    d.dues[#d.dues + 1] = due
  end
  for i = 14, #args - 2, 3 do
    local place = tonumber(args[i])
    if args[i + 1] == 'route' then
      d.fallback[place] = args[i + 2]
    elseif args[i + 1] == 'waited' then
      d.waited = args[i + 2]
    elseif args[i + 1] == 'looked' then
      d.looked = args[i + 2]
    else
      d.detailed[place] = d.detailed[place] or {}
      table.insert(d.detailed[place], { args[i + 1], args[i + 2] })
    end
  end
  return d
end

-- `numbers` are those of the latest dones, "epoch.number", the newest first.
function chunk.was_told(numbers, number)
  return numbers and string.find(' ' .. numbers .. ' ', ' ' .. number .. ' ', 1, true) ~= nil
end

function chunk.with_number(numbers, number)
  local kept = { number }
  for before in string.gmatch(numbers or '', '%S+') do
    if #kept < chunk.DONES then
      kept[#kept + 1] = before
    end
  end
  return table.concat(kept, ' ')
end

-- Writes a batch, and what the chunk is to be looked at for later.
function chunk.write_batch(c, b, d, held, now_ms)
  if #d.places == 0 then
    return
  end
  if d.usual then
    chunk.done_usual(c, b, d)
  else
    chunk.done_each(c, b, d)
  end
  chunk.write_notes(c, d, held, now_ms)
  if d.usual or string.find(d.events, 'A', 1, true) then
    chunk.expect(c, b, 'a', now_ms)
  end
  if not d.usual and string.find(d.events, 'L', 1, true) then
    chunk.expect(c, b, '?', now_ms)
  end
end

-- What the owner says of the chunk itself.
function chunk.note_looks(c, b, d)
  if d.waited then
    redis.call('HSET', c.claims, c.name .. ':waited', d.waited)
  end
  if d.looked then
    chunk.looked(c, b, d.looked)
  end
end

-- What came of a batch: what done answers, then the broadcast (nil: there is none), which the
-- caller saves, and the time.
function chunk.record_done(c, args)
  local name, epoch, throttled = c.name, args[4], tonumber(args[8])
  local held = redis.call('HMGET', c.claims, name, name .. ':done', name .. ':due')
  local current, closed = chunk.holds(held[1], c.worker, epoch)
  local number = args[7] ~= '0' and epoch .. '.' .. args[7]
  local told = number and chunk.was_told(held[2], number)
  local d = chunk.brought(args)
  d.current = current and not told
  d.usual = not d.looked and chunk.is_usual(c, d)
  local b = loa.load(c.key, d.usual and chunk.ACCEPTED_VIEW, c.route)
  local now_ms, now_s = loa.now()
  if not b then
    return { 1, 0, -1, 0 }, nil, now_ms, now_s
  end
  d.now_s = now_s
  chunk.write_batch(c, b, d, held, now_ms)
  if throttled > 0 and not told then
    loa.add(b, 'stat:throttled', throttled)
  end
  if number and not told and (throttled > 0 or not d.usual) then
    redis.call('HSET', c.claims, name .. ':done', chunk.with_number(held[2], number))
  end
  if not current then
    return { 1, 0, -1, 0 }, b, now_ms, now_s
  end
  chunk.note_looks(c, b, d)
  if args[6] ~= '0' then
    loa.save(b, now_s) -- it may be the broadcast's end
    local did, successor, due = chunk.close(c, b, epoch, args[6] == '2', now_ms, now_s)
    if did then
      return { 0, 1, successor, due }, b, now_ms, now_s
    end
  end
  if not closed then
    redis.call('HSET', c.claims, name, chunk.lease(c.worker, epoch, now_ms, tonumber(args[5])))
  end
  return { 0, 0, -1, 0 }, b, now_ms, now_s
end

-- keys: broadcast.  args: chunk, route, worker, epoch, lease ms, 1 = close or 2 = give up, number,
-- throttled, events, places, parts, ledger, due times (one a member, or none at all), then place,
-- field and value of each detail.
function chunk.done(keys, args)
  local answer, b, _, now_s = chunk.record_done(chunk.open(keys, args), args)
  if b then
    loa.save(b, now_s)
  end
  return answer
end

-- A done and behind it begins of the same broadcast on the same route, for the room that it left:
-- one call where there were several.  args: done's, then of each begin chunk, epoch, number and
-- most, then how many begins there are.
function chunk.done_begin(keys, args)
  local n = tonumber(table.remove(args))
  local first = #args - 4 * n + 1
  local asks = {}
  for i = 1, n do
    local at = first + 4 * (i - 1)
    asks[i] = chunk.asked(keys, { args[at], args[2], args[3], args[at + 1], args[5], args[at + 2],
      args[at + 3] })
  end
  for i = #args, first, -1 do
    args[i] = nil
  end
  local answer, b, now_ms, now_s = chunk.record_done(chunk.open(keys, args), args)
  local answers = { answer }
  for i, c in ipairs(asks) do
    answers[i + 1] = chunk.take(c, b, now_ms, now_s)
  end
  if b then
    loa.save(b, now_s)
  end
  return answers
end

redis.register_function{
  function_name = 'loa_done', callback = chunk.done, flags = { 'allow-oom' },
}
redis.register_function{ function_name = 'loa_done_begin', callback = chunk.done_begin }
