-- What an admin does with a broadcast on its way: pause, resume, cancel, retry; and its expiry.
-- SPDX-License-Identifier: MIT
--
-- KEYS[1] of each Function is loa:broadcast:{ID}.  Each answers { verdict, state, next, moved, … }:
-- OK, GONE (no such broadcast) or REFUSED (not in this state), the state it is in now, the chunk to
-- go on at (-1: at the end), and how many members were moved.  What a call did before it does not
-- do again.  What goes through letters looks at some chunks a call: nobody waits behind a pass over
-- a megabyte of them.
--
-- A broadcast that is being ended has the field `ending`, "cancelled" or "expired": from then on
-- nothing of it is begun, whoever is released or refused by a link for now is left out as well, and
-- `ending` becomes its state once nobody is queued, sending or retrying.

local control = {}

function control.is_open(b)
  return b.state == 'sending' or b.state == 'paused' or b.state == 'scheduled'
end

function control.pause(keys)
  local b = loa.load(keys[1])
  if not b then
    return { 'GONE', '', -1, 0 }
  end
  if not control.is_open(b) or b.ending then
    return { 'REFUSED', b.ending or b.state, -1, 0 }
  end
  if b.state == 'paused' then
    return { 'OK', 'paused', -1, 0 }
  end
  redis.call('HSET', b.key, 'state', 'paused')
  return { 'OK', 'paused', -1, 1 }
end

function control.resume(keys)
  local b = loa.load(keys[1])
  if not b then
    return { 'GONE', '', -1, 0 }
  end
  local _, now_s = loa.now()
  if not control.is_open(b) or b.ending or loa.expired(b, now_s) then
    return { 'REFUSED', b.ending or control.is_open(b) and 'expired' or b.state, -1, 0 }
  end
  if b.state ~= 'paused' then
    return { 'OK', b.state, -1, 0 }
  end
  local start_s = tonumber(redis.call('HGET', b.key, 'start_s') or 0)
  b.state = start_s > now_s and 'scheduled' or 'sending'
  loa.set(b, 'state', b.state)
  loa.save(b, now_s)
  return { 'OK', b.state, -1, 1 }
end

-- args: "cancelled" or "expired", the chunk to begin at, chunks to look at.
function control.stop(keys, args)
  local b = loa.load(keys[1])
  if not b then
    return { 'GONE', '', -1, 0 }
  end
  local ending, from, budget = args[1], tonumber(args[2]), tonumber(args[3])
  local _, now_s = loa.now()
  if not control.is_open(b) or (b.ending and b.ending ~= ending)
    or (ending == 'expired' and not loa.expired(b, now_s)) then
    local same = b.state == ending
    return { same and 'OK' or 'REFUSED', b.ending or b.state, -1, 0 }
  end
  if not b.ending then
    b.ending = ending
    loa.set(b, 'ending', ending)
  end
  local stop, moved = math.min(from + budget, b.n.chunks), 0
  for n = from, stop - 1 do
    moved = moved + loa.leave_out(b, n, ending, now_s)
    chunk.forget_untold(b, n)
  end
  loa.save(b, now_s)
  return { 'OK', b.state, stop < b.n.chunks and stop or -1, moved }
end

-- The failed of chunk n, and under `hold` the uncertain, are queued again.  Returns how many.
function control.again(b, n)
  local first = n * loa.CHUNK
  local pattern = b.resend and 'f' or '[f?]'
  local letters = redis.call('GETRANGE', b.key .. ':states', first, first + loa.CHUNK - 1)
  local at, moved, reasons = string.find(letters, pattern), 0, {}
  if not at then
    return 0
  end
  while at do
    local index = first + at - 1
    local where = index * loa.RECORD
    local record = redis.call('GETRANGE', b.key .. ':ledger', where, where + loa.RECORD - 1)
    if loa.is_written(record) then
      redis.call('SETRANGE', b.key .. ':ledger', where, string.sub(record, 1, 7)
        .. loa.pad('', 5) .. string.sub(record, 13, 19) .. loa.pad('', 7)
        .. string.sub(record, 27))
    end
    reasons[#reasons + 1] = 'reason:' .. index
    loa.move(b, string.sub(letters, at, at), 'q', 1)
    moved = moved + 1
    at = string.find(letters, pattern, at + 1)
  end
  redis.call('SETRANGE', b.key .. ':states', first, (string.gsub(letters, pattern, 'q')))
  redis.call('HDEL', b.key .. ':details', unpack(reasons))
  for _, route in ipairs(loa.route_names(b)) do
    redis.call('HSET', b.key .. ':claims', n .. ':' .. route .. ':again', '1')
  end
  return moved
end

-- args: the chunk to begin at (-1: only says whether it may be), chunks to look at.  Of a broadcast
-- that is paused the failed wait with the others.
function control.retry(keys, args)
  local b = loa.load(keys[1])
  if not b then
    return { 'GONE', '', -1, 0 }
  end
  local from, budget = tonumber(args[1]), tonumber(args[2])
  local _, now_s = loa.now()
  local may = b.state == 'done' or b.state == 'sending' or b.state == 'paused'
  if b.n.archived_s > 0 then
    return { 'REFUSED', 'archived', -1, 0 }
  end
  if not may or b.ending or loa.expired(b, now_s) then
    local late = may and not b.ending and 'expired'
    return { 'REFUSED', b.ending or late or b.state, -1, 0 }
  end
  if from < 0 then
    return { 'OK', b.state, 0, 0 }
  end
  local stop, moved = math.min(from + budget, b.n.planned), 0
  for n = from, stop - 1 do
    moved = moved + control.again(b, n)
  end
  if moved > 0 and b.state == 'done' then
    b.state = 'sending'
    loa.set(b, 'state', 'sending')
    redis.call('HDEL', b.key, 'finished_s')
  end
  loa.save(b, now_s)
  return { 'OK', b.state, stop < b.n.planned and stop or -1, moved }
end

redis.register_function{
  function_name = 'loa_pause', callback = control.pause, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_resume', callback = control.resume, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_end', callback = control.stop, flags = { 'allow-oom' },
}
redis.register_function('loa_retry', control.retry)
