-- The self-audit of one broadcast: whether its counts are what its letters say.  queue/audit.h.
-- SPDX-License-Identifier: MIT

local audit = { DETAILS_MOST = 512, FROZEN_S = 300 }

-- How many there are of each letter, by runs.  What is no letter is counted under '!'.
function audit.count(letters)
  local counts, at = { ['!'] = 0 }, 1
  for i = 1, #loa.LETTERS do
    counts[string.sub(loa.LETTERS, i, i)] = 0
  end
  while at <= #letters do
    local letter, stop = string.sub(letters, at, at), at + 1
    if loa.FIELD[letter] then
      stop = string.find(letters, '[^' .. letter .. ']', at) or #letters + 1
    else
      letter = '!'
    end
    counts[letter] = counts[letter] + stop - at
    at = stop
  end
  return counts
end

-- Due times of members who do not wait for a retry.  Of a broadcast with more details than are
-- looked at in one call nothing is said.
function audit.orphans(key, repair)
  if redis.call('HLEN', key .. ':details') > audit.DETAILS_MOST then
    return 0
  end
  local gone = {}
  for _, field in ipairs(redis.call('HKEYS', key .. ':details')) do
    local index = string.match(field, '^due:(%d+)$')
    if index and redis.call('GETRANGE', key .. ':states', index, index) ~= 'r' then
      gone[#gone + 1] = field
    end
  end
  if gone[1] and repair then
    redis.call('HDEL', key .. ':details', unpack(gone))
  end
  return #gone
end

-- The letters as they are now, to be counted at leisure while they go on moving.
function audit.freeze(b)
  redis.call('COPY', b.key .. ':states', b.key .. ':audit', 'REPLACE')
  redis.call('EXPIRE', b.key .. ':audit', audit.FROZEN_S)
end

-- KEYS[1] loa:broadcast:{ID}.  ARGV: the chunk to begin at, chunks to look at, 1 = repair, 1 = of
-- the letters as they were when the first of these chunks was looked at.
-- Answers OK, GONE or ARCHIVED, the chunk to go on at (-1: at the end), state, created_s, letters
-- too few or too many, what is no letter, due times of nobody, then for each letter how many were
-- found in these chunks and how many are counted in all.
function audit.audit(keys, args)
  local b = loa.load(keys[1])
  if not b then
    return { 'GONE' }
  end
  local from, budget, frozen = tonumber(args[1]), tonumber(args[2]), args[4] == '1'
  if frozen and from == 0 then
    audit.freeze(b)
  end
  local had = redis.call('HMGET', b.key, 'archived_s', 'created_s')
  local states = b.key .. (frozen and ':audit' or ':states')
  local first, stop = from * loa.CHUNK, math.min(from + budget, b.n.chunks)
  local letters = stop > from and redis.call('GETRANGE', states, first, stop * loa.CHUNK - 1) or ''
  local counts = audit.count(letters)
  local answer = {
    had[1] and not frozen and 'ARCHIVED' or 'OK', stop < b.n.chunks and stop or -1, b.state,
    tonumber(had[2] or 0), redis.call('STRLEN', states) - b.n.total, counts['!'],
    from == 0 and audit.orphans(b.key, args[3] == '1') or 0,
  }
  for i = 1, #loa.LETTERS do
    local letter = string.sub(loa.LETTERS, i, i)
    answer[#answer + 1] = counts[letter]
    answer[#answer + 1] = b.n[loa.FIELD[letter]]
  end
  return answer
end

-- KEYS[1] loa:broadcast:{ID}.  ARGV: for each letter in their order how many more there were, when
-- they were frozen, than were counted then: what has moved since changed both alike.  Once a
-- freezing; 1 when it is done.
function audit.fix(keys, args)
  local b = loa.load(keys[1])
  if not b or redis.call('DEL', keys[1] .. ':audit') == 0 then
    return 0
  end
  local _, now_s = loa.now()
  for i = 1, #loa.LETTERS do
    loa.add(b, loa.FIELD[string.sub(loa.LETTERS, i, i)], tonumber(args[i]))
  end
  loa.save(b, now_s)
  return 1
end

redis.register_function{
  function_name = 'loa_audit', callback = audit.audit, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_audit_fix', callback = audit.fix, flags = { 'allow-oom' },
}
