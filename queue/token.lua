-- The access tokens of links: one grant, renewed by one process at a time, never twice with the
-- same refresh token.  queue/SCHEMA.md, "Tokens"; queue/token.h.
-- SPDX-License-Identifier: MIT
--
-- loa:token:{NAME} is a hash: generation, sealed (the pair, encrypted by the gateway), expires_ms,
-- stored_ms, state (good, cut, lost), why; while it is being renewed: intent (the generation whose
-- refresh token is used up by that), holder, until_ms; forced_ms (the last renewal out of turn).

local token = { FORCED_MS = 600000 }

function token.record(key)
  local flat, record = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    record[flat[i]] = flat[i + 1]
  end
  return record
end

-- What a process that knows `known` may do when it is not the one to renew; nil: it may.
function token.wait_for(key, record, worker, now_ms)
  local left = tonumber(record.until_ms or '0') - now_ms
  if not record.intent then
    return record.state ~= 'good' and { 'CUT', record.why or '' } or nil
  end
  if left > 0 and record.holder ~= worker then
    return { 'HELD', left }
  end
  -- Whoever began it is gone, or is this worker before it was killed.  Its refresh token may be
  -- used up: a second use of it proves nothing good, so a person is asked.
  redis.call('HSET', key, 'state', 'cut', 'why', 'a renewal was cut off by a crash')
  redis.call('HDEL', key, 'intent', 'holder', 'until_ms')
  return { 'CUT', 'a renewal was cut off by a crash' }
end

-- keys: token.  args: worker, lease ms, the caller's generation, 1 = out of turn, 1 = only look.
-- Answers NONE; NEWER generation sealed expires_ms state; LOST why; HELD ms; CUT why; SOON; SAME;
-- or TAKEN generation sealed, the intent being recorded by that.
function token.take(keys, args)
  local key, worker, known = keys[1], args[1], tonumber(args[3])
  local record = token.record(key)
  local now_ms = loa.now()
  if not record.generation then
    return { 'NONE' }
  end
  if tonumber(record.generation) > known then
    return { 'NEWER', tonumber(record.generation), record.sealed, record.expires_ms, record.state }
  end
  if record.state == 'lost' then
    return { 'LOST', record.why or '' }
  end
  if args[5] == '1' then
    return record.state == 'cut' and { 'CUT', record.why or '' } or { 'SAME' }
  end
  local wait = token.wait_for(key, record, worker, now_ms)
  if wait then
    return wait
  end
  if args[4] == '1' then
    if now_ms - tonumber(record.forced_ms or '0') < token.FORCED_MS then
      return { 'SOON' }
    end
    redis.call('HSET', key, 'forced_ms', string.format('%d', now_ms))
  end
  redis.call('HSET', key, 'intent', record.generation, 'holder', worker, 'until_ms',
    string.format('%d', now_ms + tonumber(args[2])))
  return { 'TAKEN', tonumber(record.generation), record.sealed }
end

-- keys: token.  args: the generation that was renewed (-1: a new grant), sealed, expires_ms.
-- A pair that was got is kept however late it comes, as long as no newer one stands there: its
-- refresh token is the only one that is still good.  Answers the generation that now stands there.
function token.store(keys, args)
  local key, from = keys[1], tonumber(args[1])
  local now_ms = loa.now()
  local generation = tonumber(redis.call('HGET', key, 'generation') or '0')
  if from >= 0 and from ~= generation then
    return generation
  end
  local before = redis.call('HGET', key, 'sealed')
  redis.call('HSET', key, 'generation', generation + 1, 'sealed', args[2], 'expires_ms', args[3],
    'stored_ms', string.format('%d', now_ms), 'state', 'good', 'before', before or '')
  redis.call('HDEL', key, 'intent', 'holder', 'until_ms', 'why')
  return generation + 1
end

-- keys: token.  args: worker, generation, state (good: nothing was used up), why.
function token.end_(keys, args)
  local key = keys[1]
  local held = redis.call('HMGET', key, 'holder', 'intent')
  if held[1] ~= args[1] or held[2] ~= args[2] then
    return 0
  end
  redis.call('HDEL', key, 'intent', 'holder', 'until_ms')
  redis.call('HSET', key, 'state', args[3], 'why', args[4])
  return 1
end

redis.register_function{ function_name = 'loa_token_take', callback = token.take }
redis.register_function{
  function_name = 'loa_token_store', callback = token.store, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_token_end', callback = token.end_, flags = { 'allow-oom' },
}
