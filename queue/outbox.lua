-- Single messages beside the broadcasts: confirmations and answers to members.  queue/outbox.h.
-- SPDX-License-Identifier: MIT
--
-- One slot, keys[1] is loa:outbox:{out}:
--   loa:outbox:{out}      zset id -> Unix ms: when it is to be looked at (sending: its lease's end)
--   loa:outbox:{out}:ID   hash to, text, link, state (q s a f ?), attempts, why, added, final,
--                         message_id, reason, counted (the latest try whose end is in the totals);
--                         kept for a week once it is final
--   loa:totals:{out}      counters that rise only, posted to loa:stats

local outbox = { KEEP_S = 604800, TOTALS = 'loa:totals:{out}' }
outbox.COUNTER = {
  a = 'stat:outbox_accepted', f = 'stat:outbox_failed', ['?'] = 'stat:outbox_uncertain',
}

function outbox.final(due, id, state, now_s)
  local key = due .. ':' .. id
  redis.call('ZREM', due, id)
  redis.call('HSET', key, 'state', state, 'final', now_s)
  redis.call('EXPIRE', key, outbox.KEEP_S)
end

-- args: id, to, text, link, why.  Once an id, whatever crashes between.
function outbox.add(keys, args)
  local due, key = keys[1], keys[1] .. ':' .. args[1]
  local now_ms, now_s = loa.now()
  if redis.call('EXISTS', key) == 1 then
    return 'SAME'
  end
  redis.call('HSET', key, 'to', args[2], 'text', args[3], 'link', args[4], 'why', args[5],
    'state', 'q', 'attempts', 0, 'added', now_s)
  redis.call('ZADD', due, string.format('%d', now_ms), args[1])
  return 'ADDED'
end

-- args: lease ms, how many, "resend" or "hold": what becomes of one whose sender died with it.
-- Answers id, to, text, link, attempt of those that are this caller's now.
function outbox.take(keys, args)
  local due, now_ms, now_s = keys[1], loa.now()
  local taken = {}
  local ids = redis.call('ZRANGEBYSCORE', due, '-inf', string.format('%d', now_ms),
    'LIMIT', 0, tonumber(args[2]))
  for _, id in ipairs(ids) do
    local key = due .. ':' .. id
    local m = redis.call('HMGET', key, 'to', 'text', 'link', 'state')
    if not m[1] then
      redis.call('ZREM', due, id)
    elseif m[4] == 's' and args[3] == 'hold' then
      outbox.count(key, redis.call('HGET', key, 'attempts'), '?', 0)
      outbox.final(due, id, '?', now_s)
    else
      redis.call('ZADD', due, string.format('%d', now_ms + tonumber(args[1])), id)
      redis.call('HSET', key, 'state', 's')
      local attempt = redis.call('HINCRBY', key, 'attempts', 1)
      for _, value in ipairs({ id, m[1], m[2], m[3], attempt }) do
        taken[#taken + 1] = value
      end
    end
  end
  return taken
end

-- What a try adds to the totals, once.
function outbox.count(key, attempt, state, parts)
  if tonumber(redis.call('HGET', key, 'counted') or '0') >= tonumber(attempt) then
    return
  end
  redis.call('HSET', key, 'counted', attempt)
  if outbox.COUNTER[state] then
    redis.call('HINCRBY', outbox.TOTALS, outbox.COUNTER[state], 1)
  end
  if tonumber(parts) > 0 then
    redis.call('HINCRBY', outbox.TOTALS, 'stat:parts_submitted', parts)
  end
end

-- args: id, attempt, state after (a f ? or q), Unix ms of the next try (q), message id, reason,
-- parts written.
-- Bad news of an attempt that is not the present one does not count.
function outbox.done(keys, args)
  local due, id, state = keys[1], args[1], args[3]
  local key = due .. ':' .. id
  local now = redis.call('HMGET', key, 'attempts', 'state')
  local _, now_s = loa.now()
  if not now[1] or now[2] == 'a' or (state ~= 'a' and now[1] ~= args[2]) then
    return 0
  end
  outbox.count(key, args[2], state, args[7])
  redis.call('HSET', key, 'message_id', args[5], 'reason', args[6])
  if state == 'q' then
    redis.call('HSET', key, 'state', 'q')
    redis.call('ZADD', due, args[4], id)
  else
    outbox.final(due, id, state, now_s)
  end
  return 1
end

redis.register_function('loa_outbox_add', outbox.add)
redis.register_function('loa_outbox_take', outbox.take)
redis.register_function{
  function_name = 'loa_outbox_done', callback = outbox.done, flags = { 'allow-oom' },
}
