-- Accepted messages that no receipt has told of.  queue/unheard.h.
-- SPDX-License-Identifier: MIT
--
-- loa:link:{NAME}:unheard is a sorted set: "SUBMITTED_MS ID", by the Unix ms at which the platform
-- is asked about it next: after a while, and then whenever as much time has passed again.

local unheard = { DAYS = 7 }

-- keys: loa:link:{NAME}.  args: ms to wait, then message ids.
function unheard.expect(keys, args)
  local key, now_ms, row = keys[1] .. ':unheard', loa.now(), {}
  for i = 2, #args do
    row[#row + 1] = string.format('%d', now_ms + tonumber(args[1]))
    row[#row + 1] = string.format('%d %s', now_ms, args[i])
  end
  redis.call('ZADD', key, unpack(row))
  redis.call('EXPIRE', key, unheard.DAYS * 86400)
  return #args - 1
end

-- keys: loa:link:{NAME}.  args: how many at most.  Answers of each how the set calls it, its
-- message id and where that leads; one whose id leads nowhere any more is forgotten.
function unheard.take(keys, args)
  local link, key = keys[1], keys[1] .. ':unheard'
  local now_ms, now_s = loa.now()
  local due = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%d', now_ms), 'LIMIT', 0,
    args[1])
  local ids, answer = {}, {}
  for i, row in ipairs(due) do
    ids[i] = string.match(row, '^%d+ (.*)$')
  end
  for i, place in ipairs(due[1] and receipt.find(link, ids, unheard.DAYS, now_s) or {}) do
    if place then
      local submitted_ms = tonumber(string.match(due[i], '^%d+'))
      redis.call('ZADD', key, string.format('%d', 2 * now_ms - submitted_ms), due[i])
      answer[#answer + 1] = due[i]
      answer[#answer + 1] = ids[i]
      answer[#answer + 1] = place
    else
      redis.call('ZREM', key, due[i])
    end
  end
  return answer
end

redis.register_function{
  function_name = 'loa_unheard_expect', callback = unheard.expect, flags = { 'allow-oom' },
}
redis.register_function('loa_unheard_take', unheard.take)
