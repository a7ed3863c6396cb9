-- The work streams of a route: what wakes workers, and what is due later.  queue/work.h.
-- SPDX-License-Identifier: MIT
--
-- keys[1] of each Function is loa:queued:{ROUTE}; streams and due times stand in the same slot:
--   loa:work:{ROUTE}:emergency|urgent|normal  streams, fields id and chunk, group `gateway`
--   loa:queued:{ROUTE}  hash "ID CHUNK" -> entry: a chunk stands in the streams at most once,
--                       but for an entry whose reader seems to have died
--   loa:due:{ROUTE}     zset "ID CHUNK PRIORITY" by Unix ms
-- Streams only wake: an entry too many is answered HELD or NOTHING by loa_claim.

-- A reader claims what it was handed at once: an entry that it has had for DEAD_MS while somebody
-- finds the chunk unclaimed went down with it.
local work = { DUE_BATCH = 256, DEAD_MS = 4000 }

function work.open(queued)
  local tag = string.match(queued, '{.*}')
  return { queued = queued, due = 'loa:due:' .. tag, stream = 'loa:work:' .. tag .. ':' }
end

-- Whether the chunk stands in a stream by an entry that is really there and still wakes somebody.
function work.stands(w, stream, field)
  local entry = redis.call('HGET', w.queued, field)
  if not entry or not redis.call('XRANGE', stream, entry, entry)[1] then
    return false
  end
  local handed = redis.pcall('XPENDING', stream, 'gateway', entry, entry, 1)
  return handed.err ~= nil or not handed[1] or handed[1][3] < work.DEAD_MS
end

-- Puts a chunk into its stream unless it stands there.  1 when it did.
function work.put(w, id, chunk_text, priority)
  local field, stream = id .. ' ' .. chunk_text, w.stream .. priority
  if work.stands(w, stream, field) then
    return 0
  end
  local entry = redis.call('XADD', stream, '*', 'id', id, 'chunk', chunk_text)
  redis.call('HSET', w.queued, field, entry)
  return 1
end

-- The same, unless it is due later; "+7": though it is.
function work.feed_one(w, id, chunk_text, priority)
  local now, number = string.match(chunk_text, '^(%+?)(%d+)$')
  if now == '+' then
    return work.put(w, id, number, priority)
  end
  if redis.call('ZSCORE', w.due, id .. ' ' .. chunk_text .. ' ' .. priority) then
    return 0
  end
  return work.put(w, id, chunk_text, priority)
end

-- args: priority, broadcast, chunks…  Answers how many were put.
function work.feed(keys, args)
  local w, fed = work.open(keys[1]), 0
  for i = 3, #args do
    fed = fed + work.feed_one(w, args[2], args[i], args[1])
  end
  return fed
end

-- args: entry, broadcast, priority, chunk, successor (-1: none; the chunk itself: whoever comes
-- next goes on with it), due ms (0: not).
function work.finish(keys, args)
  local w = work.open(keys[1])
  local entry, id, priority, chunk_text = args[1], args[2], args[3], args[4]
  local stream, field = w.stream .. priority, id .. ' ' .. chunk_text
  local itself = args[5] == chunk_text
  if tonumber(args[5]) >= 0 and not itself then
    work.feed_one(w, id, args[5], priority)
  end
  if tonumber(args[6]) > 0 then
    redis.call('ZADD', w.due, args[6], field .. ' ' .. priority)
  end
  redis.call('XACK', stream, 'gateway', entry)
  redis.call('XDEL', stream, entry)
  if redis.call('HGET', w.queued, field) == entry then
    redis.call('HDEL', w.queued, field)
  end
  if itself then
    work.put(w, id, chunk_text, priority)
  end
  return 1
end

-- Moves what is due into the streams.  Answers how many times were over.
function work.pump(keys)
  local w = work.open(keys[1])
  local now_ms = loa.now()
  local over = redis.call('ZRANGEBYSCORE', w.due, '-inf', string.format('%d', now_ms), 'LIMIT', 0,
    work.DUE_BATCH)
  for _, member in ipairs(over) do
    local id, chunk_text, priority = string.match(member, '^(%S+) (%S+) (%S+)$')
    redis.call('ZREM', w.due, member)
    work.put(w, id, chunk_text, priority)
  end
  return #over
end

redis.register_function{ function_name = 'loa_work_feed', callback = work.feed }
redis.register_function{
  function_name = 'loa_work_finish', callback = work.finish, flags = { 'allow-oom' },
}
redis.register_function{ function_name = 'loa_work_due', callback = work.pump }
