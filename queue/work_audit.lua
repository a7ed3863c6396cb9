-- The self-audit of work: what stands there that should not, what does not that should, and who is
-- gone.
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

-- KEYS[1] a stream.  ARGV: ms.  Removes the consumers of its group that have nothing pending and
-- have not read for so long: their workers are gone.  Answers how many.
function work.consumers(keys, args)
  local consumers = redis.pcall('XINFO', 'CONSUMERS', keys[1], 'gateway')
  local gone = 0
  for _, consumer in ipairs(consumers.err and {} or consumers) do
    local info = {}
    for i = 1, #consumer, 2 do
      info[consumer[i]] = consumer[i + 1]
    end
    if info.pending == 0 and info.idle >= tonumber(args[1]) then
      redis.call('XGROUP', 'DELCONSUMER', keys[1], 'gateway', info.name)
      gone = gone + 1
    end
  end
  return gone
end

-- KEYS[1] loa:workers.  ARGV: seconds.  Removes the workers that have not told that they live for
-- so long.  Answers how many.
function work.workers(keys, args)
  local _, now_s = loa.now()
  local workers, gone = redis.call('HGETALL', keys[1]), 0
  for i = 1, #workers, 2 do
    local heartbeat = tonumber(string.match(workers[i + 1], '"heartbeat":(%d+)') or 0)
    if heartbeat <= now_s - tonumber(args[1]) then
      redis.call('HDEL', keys[1], workers[i])
      gone = gone + 1
    end
  end
  return gone
end

redis.register_function{
  function_name = 'loa_work_consumers', callback = work.consumers, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_work_workers', callback = work.workers, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_work_audit', callback = work.audit, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_work_missing', callback = work.missing, flags = { 'allow-oom' },
}
