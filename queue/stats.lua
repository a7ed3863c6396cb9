-- Stats: what cumulative counters gained since they were last posted.  queue/stats.h.
-- SPDX-License-Identifier: MIT
--
-- Whoever counts keeps counters that only rise, in its own slot, moved by the same Function as what
-- they count.  loa:posted:{loa:stats} holds for each source what loa:stats has of it already, so
-- that a source may be posted twice, by anybody, in any order.

local stats = { MINUTE_S = 172800 }

-- "name=value …" as a table; `order` keeps the names as they came.
function stats.read(text)
  local values, order = {}, {}
  for name, value in string.gmatch(text or '', '(%S+)=(%d+)') do
    values[name] = tonumber(value)
    order[#order + 1] = name
  end
  return values, order
end

-- What `now` has more than `before`, added to `gains`; the text of the greater of each.
function stats.gain(before, text, gains)
  local had, had_order = stats.read(before)
  local has, order = stats.read(text)
  local kept = {}
  for _, name in ipairs(order) do
    local more = has[name] - (had[name] or 0)
    if more > 0 then
      gains[name] = (gains[name] or 0) + more
      had[name] = has[name]
    end
    kept[#kept + 1] = string.format('%s=%d', name, had[name] or has[name])
  end
  for _, name in ipairs(had_order) do
    if not has[name] then
      kept[#kept + 1] = string.format('%s=%d', name, had[name])
    end
  end
  return table.concat(kept, ' ')
end

-- keys: loa:stats, loa:posted:{loa:stats}.  args: source and "name=value …", of each.
-- Answers the minute (UTC), then name and gain of each counter that rose.
function stats.post(keys, args)
  local gains, answer = {}, {}
  local _, now_s = loa.now()
  for i = 1, #args, 2 do
    local before = redis.call('HGET', keys[2], args[i]) or ''
    local after = stats.gain(before, args[i + 1], gains)
    if after ~= before then
      redis.call('HSET', keys[2], args[i], after)
    end
  end
  local year, month, day = loa.date(now_s)
  answer[1] = string.format('%04d%02d%02d%02d%02d', year, month, day,
    math.floor(now_s / 3600) % 24, math.floor(now_s / 60) % 60)
  for name, gain in pairs(gains) do
    redis.call('HINCRBY', keys[1], name, gain)
    answer[#answer + 1] = name
    answer[#answer + 1] = gain
  end
  return answer
end

-- keys: loa:stats:minute:YYYYMMDDHHMM.  args: name and gain of each.
function stats.minute(keys, args)
  for i = 1, #args, 2 do
    redis.call('HINCRBY', keys[1], args[i], args[i + 1])
  end
  return redis.call('EXPIRE', keys[1], stats.MINUTE_S)
end

redis.register_function{
  function_name = 'loa_stats_post', callback = stats.post, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_stats_minute', callback = stats.minute, flags = { 'allow-oom' },
}
