-- Who wants no messages on a channel: by address, kept beside the directory, and acted upon in
-- broadcasts under way.  queue/consent.h.
-- SPDX-License-Identifier: MIT

local consent = {}

-- The numbers of all members who have this address.
function consent.holders(address)
  local listed = redis.call('HGET', members.DIR .. 'sharers', address)
    or redis.call('HGET', members.DIR .. 'by-phone', address)
  local numbers = {}
  for number in string.gmatch(listed or '', '%d+') do
    numbers[#numbers + 1] = number
  end
  return numbers
end

-- What `args` name: an address, or "#17", the member of that number, by whose address all go.
function consent.named(name)
  local number = string.match(name, '^#(%d+)$')
  if not number then
    return name, consent.holders(name)
  end
  local record = redis.call('HGET', members.DIR .. 'records', number)
  local whole, fields = pcall(cjson.decode, record or '')
  local address = members.key(tonumber(number), whole and fields or {})
  local numbers = address ~= '' and consent.holders(address) or {}
  return address, numbers[1] and numbers or { number }
end

-- When this was last said, kept from the first time on until the contrary is said.
function consent.since(channel, out, address, now_s)
  if address == '' then
    return now_s
  end
  local said = members.DIR .. (out and 'refused:' or 'wanted:') .. channel
  local contrary = members.DIR .. (out and 'wanted:' or 'refused:') .. channel
  redis.call('HDEL', contrary, address)
  redis.call('HSETNX', said, address, now_s)
  return tonumber(redis.call('HGET', said, address))
end

-- keys: …:optout:CHANNEL.  args: channel, "out" or "in", address or "#number".  Answers since when
-- (Unix seconds; 0: "in" of somebody who is not in the directory), now, and the members' numbers.
function consent.set(keys, args)
  local _, now_s = loa.now()
  local out = args[2] == 'out'
  local address, numbers = consent.named(args[3])
  if not out and not numbers[1] then
    return { 0, now_s }
  end
  local answer = { consent.since(args[1], out, address, now_s), now_s }
  for i, number in ipairs(numbers) do
    redis.call('SETBIT', keys[1], number, out and 1 or 0)
    answer[i + 2] = tonumber(number)
  end
  return answer
end

-- Whether the member's turn is on `channel`: only there is the message left out.
function consent.is_on(b, index, channel)
  local route = loa.route_at(b, index)
  return not route or string.match(route, '^%w+') == channel
end

-- Whether somebody at ? is not sent to again, and falls back when his time is over.
function consent.waits(b, index, letter)
  local t = { key = b.key, several = b.several, n = {} }
  if letter == '?' and b.several then
    loa.terms(t, loa.route_at(b, index) or '')
  end
  return (t.doubt_ms or 0) > 0 and not t.resend
end

-- keys: broadcast.  args: channel, then members' numbers.  Whoever of them is still to be sent to
-- is skipped, unless another channel may tell him (chunk_untold.lua).  Of chunks that are not
-- planned yet nobody is: planning, and whoever claims them then, asks for consent anew, and may
-- find another channel.  Answers how many are left out, then what chunk.wake adds.
function consent.leave_out(keys, args)
  local key = keys[1]
  local b = loa.load(key)
  local _, now_s = loa.now()
  local left, moved = 0, false
  for i = 2, b and #args or 0 do
    local number = tonumber(args[i])
    if redis.call('GETBIT', key .. ':audience', number) == 1 then
      local index = number == 0 and 0
        or redis.call('BITCOUNT', key .. ':audience', 0, number - 1, 'BIT')
      local letter = redis.call('GETRANGE', key .. ':states', index, index)
      local planned = letter ~= '' and math.floor(index / loa.CHUNK) < b.n.planned
      local after = planned and loa.next(letter, 'K', true)
      if after and consent.is_on(b, index, args[1])
        and not consent.waits(b, index, letter) then
        redis.call('SETRANGE', key .. ':states', index, after)
        consent.write(key, index, now_s)
        redis.call('HDEL', key .. ':details', 'due:' .. index)
        local passed = chunk.pass_on(b, index)
        loa.move(b, letter, after, 1, passed)
        left = left + (passed and 0 or 1)
        moved = true
      end
    end
  end
  if moved then
    loa.save(b, now_s)
  end
  return b and chunk.wake(b, { left }) or { 0 }
end

function consent.write(key, index, now_s)
  local at = index * loa.RECORD
  local record = redis.call('GETRANGE', key .. ':ledger', at, at + loa.RECORD - 1)
  if loa.is_written(record) then
    record = string.sub(record, 1, 7) .. loa.pad('optou', 5) .. string.sub(record, 13, 19)
      .. loa.number36(now_s, 7) .. string.sub(record, 27)
  else
    record = loa.record{ reason = 'optou', final_s = now_s }
  end
  redis.call('SETRANGE', key .. ':ledger', at, record)
end

redis.register_function{
  function_name = 'loa_consent', callback = consent.set, flags = { 'allow-oom' },
}
redis.register_function{
  function_name = 'loa_leave_out', callback = consent.leave_out, flags = { 'allow-oom' },
}
