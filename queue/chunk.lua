-- A chunk on a route: claim, begin, renew; done is in chunk_done.lua.  queue/SCHEMA.md,
-- "Functions"; queue/chunk.h.
-- SPDX-License-Identifier: MIT
--
-- …:claims (broadcast.ABOUT_CLAIMS) holds of a chunk n on a route, under the name "n:ROUTE":
--   n:ROUTE        "worker epoch lease_end_ms"; lease_end 0: closed by its worker
--   n:ROUTE:begun  "number runs": what the last begin took, to answer it again
--   n:ROUTE:done   "epoch.number …" of the latest dones: one told again brings facts only
--   n:ROUTE:lost   Unix ms of the latest ? in the chunk
--   n:ROUTE:due    Unix ms before which no r is due (a lower bound)
--   n:ROUTE:again  set once a member was tried: attempts are looked up in the ledger from then on
--
-- Lua counts a chunk's letters from 1: the place p is letter p + 1.

local chunk = {}

chunk.BEGIN_VIEW = loa.view({
  'queued', 'sending', 'retrying', 'uncertain', 'expires_s', 'uncertain_wait_ms',
})
chunk.BEGIN_VIEW.n = {}

-- What a claim may move, and who holds the broadcast open.
chunk.CLAIM_VIEW = loa.view({
  'queued', 'sending', 'retrying', 'uncertain', 'accepted', 'expired', 'parts', 'cost', 'price',
  'parts_each', 'chunks', 'planned', 'ahead', 'expires_s', 'uncertain_wait_ms', 'epoch',
  'confirming', 'stat:messages_uncertain', 'stat:parts_submitted',
})
chunk.CLAIM_VIEW.n = {}

-- All 256 bytes in order: a run of consecutive places is a piece of it.
function chunk.bytes()
  if not chunk.all then
    local all = {}
    for i = 0, 255 do
      all[i + 1] = string.char(i)
    end
    chunk.all = table.concat(all)
  end
  return chunk.all
end

-- `n` times the letter, 256 at most: a piece of what was made once, as string.rep and a pattern go
-- through it letter by letter.
chunk.same = {}
function chunk.run(letter, n)
  local whole = chunk.same[letter]
  if not whole then
    whole = string.rep(letter, loa.CHUNK)
    chunk.same[letter] = whole
  end
  return n == loa.CHUNK and whole or string.sub(whole, 1, n)
end

-- Where the run of `letter` that begins at `at` ends; of the first `most` letters.
function chunk.run_end(mine, letter, at, most)
  local n = math.min(most, #mine - at + 1)
  if string.sub(mine, at, at + n - 1) == chunk.run(letter, n) then
    return at + n - 1
  end
  return string.find(mine, '[^' .. letter .. ']', at) - 1
end

-- What a call names: its keys, its members, who asks.
function chunk.open(keys, args)
  local n = tonumber(args[1])
  return {
    key = keys[1], claims = keys[1] .. ':claims', states = keys[1] .. ':states',
    ledger = keys[1] .. ':ledger', details = keys[1] .. ':details', n = n,
    first = n * loa.CHUNK, route = args[2], name = args[1] .. ':' .. args[2], worker = args[3],
  }
end

-- The chunk's letters, and the same with those on other routes blanked out.
function chunk.letters(c, b)
  local letters = redis.call('GETRANGE', c.states, c.first, c.first + loa.CHUNK - 1)
  if not b.several then
    return letters, letters
  end
  local route = loa.route_letter(b, c.route)
  local routes = redis.call('GETRANGE', c.key .. ':routes', c.first, c.first + loa.CHUNK - 1)
  local mine = {}
  for i = 1, #letters do
    mine[i] = string.sub(routes, i, i) == route and string.sub(letters, i, i) or '-'
  end
  return letters, table.concat(mine)
end

-- Whether `claim` is the worker's under this epoch; then also whether it was closed.
function chunk.holds(claim, worker, epoch)
  local mine = worker .. ' ' .. epoch .. ' '
  if not claim or string.sub(claim, 1, #mine) ~= mine then
    return false, false
  end
  return true, string.sub(claim, #mine + 1) == '0'
end

function chunk.lease(worker, epoch, now_ms, lease_ms)
  return string.format('%s %s %d', worker, epoch, now_ms + lease_ms)
end

function chunk.attempts(record)
  return tonumber(string.sub(record, 4, 5)) or 0
end

function chunk.record_of(c, place)
  local at = (c.first + place) * loa.RECORD
  return redis.call('GETRANGE', c.ledger, at, at + loa.RECORD - 1)
end

function chunk.is_blank(record)
  return not string.find(record, '[^%z ]')
end

-- `parts` were, or may have been, written to a socket: of the link in `record` (nil: not known).
function chunk.submitted(b, parts, record)
  if parts > 0 then
    loa.add(b, 'parts', parts)
    loa.add(b, 'cost', parts * loa.price(b, record))
    loa.add(b, 'stat:parts_submitted', parts)
  end
end

-- Ledger records in a row go by one SETRANGE.
function chunk.write_records(c, records, low, high)
  local place = low
  while place <= high do
    local from, run = place, {}
    while records[place] do
      run[#run + 1] = records[place]
      place = place + 1
    end
    if run[1] then
      redis.call('SETRANGE', c.ledger, (c.first + from) * loa.RECORD, table.concat(run))
    end
    place = place + 1
  end
end

-- ---- claim

-- The record of a member whose owner died between begin and done: one attempt more.
function chunk.lost_record(c, place, parts_each)
  local record = chunk.record_of(c, place)
  local channel = string.sub(c.route, 1, 1)
  if not loa.is_written(record) or string.sub(record, 1, 1) ~= channel then
    local tried = chunk.attempts(record)
    return loa.record({ channel = channel, attempts = tried + 1, parts = parts_each })
  end
  return string.sub(record, 1, 3) .. loa.number10(chunk.attempts(record) + 1, 2)
    .. string.sub(record, 6)
end

-- Turns what a former owner left at s into ?: those bytes may be on the wire.
function chunk.take_over(c, b, letters, mine, now_ms)
  local at = string.find(mine, 's', 1, true)
  if not at then
    return letters, mine
  end
  while at do
    local index = c.first + at - 1
    redis.call('SETRANGE', c.ledger, index * loa.RECORD,
      chunk.lost_record(c, at - 1, b.n.parts_each))
    redis.call('SETRANGE', c.states, index, '?')
    loa.move(b, 's', '?', 1)
    chunk.submitted(b, b.n.parts_each)
    at = string.find(mine, 's', at + 1, true)
  end
  chunk.expect(c, b, '?', now_ms)
  redis.call('HSET', c.claims, c.name .. ':lost', string.format('%d', now_ms),
    c.name .. ':again', '1')
  return chunk.letters(c, b)
end

-- The attempts of the members at ?, a byte each.
function chunk.attempts_uncertain(c, letters)
  local attempts, at = {}, string.find(letters, '?', 1, true)
  while at do
    attempts[#attempts + 1] = string.char(math.min(chunk.attempts(chunk.record_of(c, at - 1)), 255))
    at = string.find(letters, '?', at + 1, true)
  end
  return table.concat(attempts)
end

-- keys: broadcast.  args: chunk, route, worker, lease ms, 1 = wait for others' expired leases too.
function chunk.claim(keys, args)
  local c = chunk.open(keys, args)
  local b = loa.load(c.key, chunk.CLAIM_VIEW, c.route)
  local entry = b and redis.call('HGET', c.key .. ':chunks', args[1])
  if not entry then
    return { 'GONE' }
  end
  local now_ms, now_s = loa.now()
  local claim = redis.call('HGET', c.claims, c.name)
  if claim then
    local owner, lease_end = string.match(claim, '^(.+) %d+ (%d+)$')
    local runs = tonumber(lease_end) > now_ms or (args[5] == '1' and lease_end ~= '0')
    if runs and owner ~= c.worker then
      return { 'HELD' }
    end
  end
  loa.add(b, 'epoch', 1)
  local letters, mine = chunk.letters(c, b)
  letters, mine = chunk.take_over(c, b, letters, mine, now_ms)
  redis.call('HSET', c.claims, c.name,
    chunk.lease(c.worker, b.n.epoch, now_ms, tonumber(args[4])))
  redis.call('HDEL', c.claims, c.name .. ':begun')
  local overdue = loa.stopped(b, now_s) and '' or chunk.overdue(c, b, mine, now_ms)
  loa.save(b, now_s)
  local left = overdue ~= '' or string.find(mine, b.resend and '[qr?]' or '[qr]')
  return {
    left and 'TAKEN' or 'NOTHING', b.n.epoch, letters, entry, chunk.attempts_uncertain(c, letters),
    overdue, now_ms,
  }
end

-- ---- begin

-- Takes runs of q from the front.  Returns how many may still be taken, and whether q is left.
function chunk.pick_queued(mine, most, runs)
  local left, at = most, string.find(mine, 'q', 1, true)
  while at and left > 0 do
    local stop = chunk.run_end(mine, 'q', at, left)
    runs[#runs + 1] = { at, stop, 'q' }
    left = left - (stop - at + 1)
    at = string.find(mine, 'q', stop + 1, true)
  end
  return left, at ~= nil
end

-- All places of `letter`, from 1.
function chunk.all_of(mine, letter)
  local found, at = {}, string.find(mine, letter, 1, true)
  while at do
    found[#found + 1] = at
    at = string.find(mine, letter, at + 1, true)
  end
  return found
end

-- When each of the letters `found` is due.
function chunk.dues(c, found)
  local fields = {}
  for i, at in ipairs(found) do
    fields[i] = 'due:' .. (c.first + at - 1)
  end
  return redis.call('HMGET', c.details, unpack(fields)), fields
end

function chunk.earlier(a, b)
  return a and b and math.min(a, b) or a or b
end

-- Takes r's that are due.  `not_before`: none is due earlier.  Returns what may still be taken,
-- whether a due one is left, and when the earliest of the others is due.
function chunk.pick_retrying(c, mine, left, runs, not_before, now_ms)
  if not string.find(mine, 'r', 1, true) then
    return left, false, nil
  end
  if not_before and not_before > now_ms then
    return left, false, not_before
  end
  local found = chunk.all_of(mine, 'r')
  local dues, fields = chunk.dues(c, found)
  local more, next_due, begun = false, nil, {}
  for i, at in ipairs(found) do
    local due = tonumber(dues[i] or '0')
    if due > now_ms then
      next_due = chunk.earlier(next_due, due)
    elseif left > 0 then
      runs[#runs + 1] = { at, at, 'r' }
      begun[#begun + 1] = fields[i]
      left = left - 1
    else
      more = true
    end
  end
  if begun[1] then
    redis.call('HDEL', c.details, unpack(begun))
  end
  redis.call('HSET', c.claims, c.name .. ':due',
    string.format('%d', more and now_ms or next_due or 0))
  return left, more, next_due
end

-- Takes ?'s once nobody waits for their receipts any more.  Returns as chunk.pick_retrying.
function chunk.pick_uncertain(mine, left, runs, ready_ms, now_ms)
  if not string.find(mine, '?', 1, true) then
    return left, false, nil
  end
  if ready_ms > now_ms then
    return left, false, ready_ms
  end
  for _, at in ipairs(chunk.all_of(mine, '?')) do
    if left == 0 then
      return 0, true, nil
    end
    runs[#runs + 1] = { at, at, '?' }
    left = left - 1
  end
  return left, false, nil
end

-- Which members to begin: runs in ascending order, whether more could be taken at once, and if
-- not, when the next is due (0: never).
function chunk.pick(c, b, mine, most, held, now_ms)
  local runs = {}
  local left, more = chunk.pick_queued(mine, most, runs)
  if more then
    return runs, true, 0
  end
  local retry_more, retry_due, resend_more, resend_due
  left, retry_more, retry_due =
    chunk.pick_retrying(c, mine, left, runs, tonumber(held[5] or '0'), now_ms)
  if b.resend then
    local ready_ms = tonumber(held[4] or '0') + b.n.uncertain_wait_ms
    left, resend_more, resend_due = chunk.pick_uncertain(mine, left, runs, ready_ms, now_ms)
  end
  table.sort(runs, function(x, y) return x[1] < y[1] end)
  more = retry_more or resend_more or false
  return runs, more, not more and chunk.earlier(retry_due, resend_due) or 0
end

-- Marks the runs s by one SETRANGE from the first to the last.
function chunk.mark(c, b, letters, runs)
  local pieces, from = {}, runs[1][1]
  for _, run in ipairs(runs) do
    local n = run[2] - run[1] + 1
    pieces[#pieces + 1] = string.sub(letters, from, run[1] - 1) .. chunk.run('s', n)
    from = run[2] + 1
    loa.move(b, run[3], 's', n)
  end
  redis.call('SETRANGE', c.states, c.first + runs[1][1] - 1, table.concat(pieces))
end

-- The attempt that each of a run's members is at now.
function chunk.attempts_of(c, run)
  local n = run[2] - run[1] + 1
  local from = (c.first + run[1] - 1) * loa.RECORD
  local span = redis.call('GETRANGE', c.ledger, from, from + n * loa.RECORD - 1)
  if not string.find(span, '[^%z]') then
    return chunk.run('\1', n)
  end
  local attempts = {}
  for i = 1, n do
    local record = string.sub(span, (i - 1) * loa.RECORD + 1, i * loa.RECORD)
    attempts[i] = string.char(math.min(chunk.attempts(record) + 1, 255))
  end
  return table.concat(attempts)
end

-- What earlier tries of the runs' members left in kept:INDEX: place and text of each that has any.
function chunk.kept_of(c, runs)
  local fields, places, kept = {}, {}, {}
  for _, run in ipairs(runs) do
    for at = run[1], run[2] do
      fields[#fields + 1] = 'kept:' .. (c.first + at - 1)
      places[#places + 1] = at - 1
    end
  end
  for i, text in ipairs(fields[1] and redis.call('HMGET', c.details, unpack(fields)) or {}) do
    if text then
      kept[#kept + 1] = places[i]
      kept[#kept + 1] = text
    end
  end
  return kept
end

-- The answer: places, attempts, more, due, and what need not be sent again.
function chunk.begun(c, runs, again, more, due_ms)
  local places, attempts = {}, {}
  for i, run in ipairs(runs) do
    places[i] = string.sub(chunk.bytes(), run[1], run[2])
    attempts[i] = again and chunk.attempts_of(c, run) or chunk.run('\1', run[2] - run[1] + 1)
  end
  return {
    'OK', table.concat(places), table.concat(attempts), more and 1 or 0, due_ms,
    again and chunk.kept_of(c, runs) or {},
  }
end

-- What the begin of this number took: its answer may have been lost.
function chunk.begun_before(begun, number)
  local number_before, text = string.match(begun or '', '^(%d+) (.*)$')
  if number_before ~= number then
    return nil
  end
  local runs = {}
  for first, last in string.gmatch(text, '(%d+)-(%d+)') do
    runs[#runs + 1] = { first + 1, last + 1 }
  end
  return runs
end

function chunk.runs_text(runs)
  local text = {}
  for i, run in ipairs(runs) do
    text[i] = (run[1] - 1) .. '-' .. (run[2] - 1)
  end
  return table.concat(text, ',')
end

-- After expires_at nobody is begun any more: who is queued or retrying has expired.
function chunk.expire(c, b, now_s)
  if b.state == 'sending' and not b.ending and loa.expired(b, now_s) then
    if next(b.changed) then
      loa.save(b, now_s)
    end
    local whole = loa.load(c.key)
    loa.leave_out(whole, c.n, 'expired', now_s)
    loa.save(whole, now_s)
  end
end

-- What a begin asks for: of whom, under which number, how many at most.
function chunk.asked(keys, args)
  local c = chunk.open(keys, args)
  c.epoch, c.lease_ms, c.number, c.most = args[4], tonumber(args[5]), args[6], tonumber(args[7])
  return c
end

-- The begin that `c` asks for, on the broadcast `b` (nil: there is none), which the caller saves.
function chunk.take(c, b, now_ms, now_s)
  local name = c.name
  local held = redis.call('HMGET', c.claims, name, name .. ':begun', name .. ':again',
    name .. ':lost', name .. ':due')
  local is_ours, closed = chunk.holds(held[1], c.worker, c.epoch)
  if not b or not is_ours or closed then
    return { 'STALE' }
  end
  local lease = chunk.lease(c.worker, c.epoch, now_ms, c.lease_ms)
  local before = chunk.begun_before(held[2], c.number)
  if before then
    redis.call('HSET', c.claims, name, lease)
    return chunk.begun(c, before, held[3], true, 0)
  end
  if loa.stopped(b, now_s) then
    chunk.expire(c, b, now_s)
    return { 'STOPPED' }
  end
  local letters, mine = chunk.letters(c, b)
  local runs, more, due_ms = chunk.pick(c, b, mine, c.most, held, now_ms)
  if not runs[1] then
    redis.call('HSET', c.claims, name, lease)
    return { 'OK', '', '', more and 1 or 0, due_ms }
  end
  chunk.mark(c, b, letters, runs)
  redis.call('HSET', c.claims, name, lease, name .. ':begun',
    c.number .. ' ' .. chunk.runs_text(runs))
  return chunk.begun(c, runs, held[3], more, due_ms)
end

-- keys: broadcast.  args: chunk, route, worker, epoch, lease ms, number, most.
function chunk.begin(keys, args)
  local c = chunk.asked(keys, args)
  local b = loa.load(c.key, chunk.BEGIN_VIEW, c.route)
  local now_ms, now_s = loa.now()
  local answer = chunk.take(c, b, now_ms, now_s)
  if b and next(b.changed) then
    loa.save(b, now_s)
  end
  return answer
end

-- ---- renew

-- keys: broadcast.  args: chunk, route, worker, epoch, lease ms.
function chunk.renew(keys, args)
  local c = chunk.open(keys, args)
  local claim = redis.call('HGET', c.claims, c.name)
  local current, closed = chunk.holds(claim, c.worker, args[4])
  if not current or closed then
    return { 1, 0, -1, 0 }
  end
  redis.call('HSET', c.claims, c.name,
    chunk.lease(c.worker, args[4], loa.now(), tonumber(args[5])))
  return { 0, 0, -1, 0 }
end

redis.register_function{
  function_name = 'loa_claim', callback = chunk.claim, flags = { 'allow-oom' },
}
redis.register_function{ function_name = 'loa_begin', callback = chunk.begin }
redis.register_function{
  function_name = 'loa_renew', callback = chunk.renew, flags = { 'allow-oom' },
}
