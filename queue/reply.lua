-- What members send in: the parts of long messages, and the whole ones.  queue/replies.h.
-- SPDX-License-Identifier: MIT
--
-- All in the slot of loa:replies.  The parts of a message stand in loa:parts:{loa:replies}:NAME, a
-- hash part -> what the gateway keeps of it, and `whole` once it is in loa:replies; NAMEs of those
-- that are not, by the time at which nobody waits for their other parts any more, in
-- loa:parts:{loa:replies}, a sorted set; loa:parts:{loa:replies}:of:FROM, another, has those of one
-- number by when they began.  Only so many wait: of a number the oldest then goes as it is, and
-- when there are too many in all the SMSC keeps what would begin another.

local reply = {
  PARTS = 'loa:parts:{loa:replies}', WAIT_S = 3600, KEEP_S = 86400, RETOLD_S = 10, NUMBER_MAX = 8,
  ALL_MAX = 10000,
}

-- A message begins.
function reply.began(name, now_ms, now_s)
  local of = reply.of(name)
  redis.call('ZADD', of, now_ms, name)
  redis.call('EXPIRE', of, reply.WAIT_S)
  if redis.call('ZCARD', of) > reply.NUMBER_MAX then
    local oldest = redis.call('ZPOPMIN', of)[1]
    redis.call('ZADD', reply.PARTS, 'XX', now_s, oldest)
  end
end

function reply.of(name)
  return reply.PARTS .. ':of:' .. string.match(name, '^[^:]*')
end

function reply.ended(name)
  redis.call('ZREM', reply.PARTS, name)
  redis.call('ZREM', reply.of(name), name)
end

-- keys: …:NAME.  args: NAME, part, of how many, value.  Answers WAIT; KNOWN: it came before and its
-- message is in loa:replies; FULL: too many are waiting already; WHOLE and the values of all parts.
function reply.part(keys, args)
  local key, total = keys[1], tonumber(args[3])
  local kept = redis.call('HMGET', key, args[2], 'whole')
  if kept[2] and kept[1] == args[4] then
    return { 'KNOWN' }
  end
  if kept[2] then
    redis.call('DEL', key) -- another message under a reference that came round again
  end
  local now_ms, now_s = loa.now()
  local new = redis.call('EXISTS', key) == 0
  if new and redis.call('ZCARD', reply.PARTS) >= reply.ALL_MAX then
    return { 'FULL' }
  end
  redis.call('HSET', key, args[2], args[4], 'total', total)
  redis.call('EXPIRE', key, reply.KEEP_S)
  redis.call('ZADD', reply.PARTS, now_s + reply.WAIT_S, args[1])
  if new then
    reply.began(args[1], now_ms, now_s)
  end
  local answer = { 'WHOLE' }
  for i = 1, total do
    local value = redis.call('HGET', key, i)
    if not value then
      return { 'WAIT' }
    end
    answer[i + 1] = value
  end
  return answer
end

-- keys: loa:parts:{loa:replies}.  Answers NAME, total and the parts of one message whose others did
-- not come ('' where they are missing); nothing: there is none.
function reply.incomplete(keys)
  local _, now_s = loa.now()
  local name = redis.call('ZRANGEBYSCORE', keys[1], '-inf', now_s, 'LIMIT', 0, 1)[1]
  if not name then
    return {}
  end
  local total = tonumber(redis.call('HGET', keys[1] .. ':' .. name, 'total') or '0')
  local answer = { name, total }
  for i = 1, total do
    answer[i + 2] = redis.call('HGET', keys[1] .. ':' .. name, i) or ''
  end
  if total == 0 then
    reply.ended(name)
  end
  return answer
end

-- keys: loa:replies, loa:totals:{loa:replies}.  args: link, NAME of its parts ('': it had none),
-- then fields and values of the entry.  What was put together goes in once.
function reply.add(keys, args)
  local name = args[2]
  if name ~= '' then
    local key = reply.PARTS .. ':' .. name
    reply.ended(name)
    if redis.call('EXISTS', key) == 0 or redis.call('HSETNX', key, 'whole', 1) == 0 then
      return ''
    end
  end
  redis.call('HINCRBY', keys[2], args[1], 1)
  return redis.call('XADD', keys[1], '*', unpack(args, 3))
end

-- What the stream knew when a gateway began to tell it again what it may have forgotten.
function reply.known(stream)
  local mark = 'loa:retold:{' .. stream .. '}'
  local known = redis.call('GET', mark)
  if not known then
    local info = redis.pcall('XINFO', 'STREAM', stream)
    known = '0-0'
    for i = 1, info.err and 0 or #info, 2 do
      known = info[i] == 'last-generated-id' and info[i + 1] or known
    end
    redis.call('SET', mark, known, 'EX', reply.RETOLD_S)
  end
  return known
end

function reply.is_behind(entry, known)
  local ms, n = string.match(entry, '^(%d+)-(%d+)$')
  local known_ms, known_n = string.match(known, '^(%d+)-(%d+)$')
  ms, known_ms = tonumber(ms), tonumber(known_ms)
  return ms > known_ms or ms == known_ms and tonumber(n) > tonumber(known_n)
end

-- keys: as of reply.add.  args: the entry that it got then, and what reply.add was told.  Into the
-- stream again if that forgot it: whoever deleted it there since is not told twice.
function reply.again(keys, args)
  local entry, name = args[1], args[3]
  if not reply.is_behind(entry, reply.known(keys[1]))
    or redis.call('XRANGE', keys[1], entry, entry)[1] then
    return ''
  end
  if name ~= '' then
    reply.ended(name)
    redis.call('HSET', reply.PARTS .. ':' .. name, 'whole', 1)
    redis.call('EXPIRE', reply.PARTS .. ':' .. name, reply.KEEP_S)
  end
  redis.call('HINCRBY', keys[2], args[2], 1)
  local added = redis.pcall('XADD', keys[1], entry, unpack(args, 4))
  if type(added) == 'table' then -- another gateway told a later one first
    added = redis.call('XADD', keys[1], '*', unpack(args, 4))
  end
  return added
end

redis.register_function{
  function_name = 'loa_reply_again', callback = reply.again, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_part', callback = reply.part, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_parts_incomplete', callback = reply.incomplete, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_reply', callback = reply.add, flags = { 'allow-oom' },
}
