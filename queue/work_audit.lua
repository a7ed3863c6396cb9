-- The self-audit of a route's work: what stands there that should not, what does not that should.
-- SPDX-License-Identifier: MIT

work.LOOK = 1000

-- Entries that were acknowledged and not deleted.
function work.leftovers(stream, repair)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  local last
  for _, group in ipairs(groups.err and {} or groups) do
    local info = {}
    for i = 1, #group, 2 do
      info[group[i]] = group[i + 1]
    end
    last = info.name == 'gateway' and info['last-delivered-id'] or last
  end
  local found = 0
  local handed = last and redis.call('XRANGE', stream, '-', last, 'COUNT', work.LOOK) or {}
  for _, entry in ipairs(handed) do
    if not redis.call('XPENDING', stream, 'gateway', entry[1], entry[1], 1)[1] then
      found = found + 1
      if repair then
        redis.call('XDEL', stream, entry[1])
      end
    end
  end
  return found
end

-- KEYS[1] loa:queued:{ROUTE}.  ARGV: 1 = repair.  Answers how many entries were left over in the
-- streams, and how many marks lead to none.
function work.audit(keys, args)
  local w, repair = work.open(keys[1]), args[1] == '1'
  local left, dangling = 0, 0
  local marks = redis.call('HGETALL', w.queued)
  for i = 1, #marks, 2 do
    local stands = false
    for _, priority in ipairs({ 'emergency', 'urgent', 'normal' }) do
      stands = stands
        or redis.call('XRANGE', w.stream .. priority, marks[i + 1], marks[i + 1])[1] ~= nil
    end
    if not stands then
      dangling = dangling + 1
      if repair then
        redis.call('HDEL', w.queued, marks[i])
      end
    end
  end
  for _, priority in ipairs({ 'emergency', 'urgent', 'normal' }) do
    left = left + work.leftovers(w.stream .. priority, repair)
  end
  return { left, dangling }
end

-- KEYS[1] loa:queued:{ROUTE}.  ARGV: priority, broadcast, chunks…  Those that neither stand in the
-- stream nor are due.
function work.missing(keys, args)
  local w, missing = work.open(keys[1]), {}
  for i = 3, #args do
    local field = args[2] .. ' ' .. args[i]
    if not redis.call('ZSCORE', w.due, field .. ' ' .. args[1])
      and not work.stands(w, w.stream .. args[1], field) then
      missing[#missing + 1] = args[i]
    end
  end
  return missing
end

redis.register_function{
  function_name = 'loa_work_audit', callback = work.audit, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_work_missing', callback = work.missing, flags = { 'allow-oom' },
}
