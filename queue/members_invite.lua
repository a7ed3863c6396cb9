-- Addresses that members bring by themselves: invitations, and chats that moved.  queue/invite.h.
-- SPDX-License-Identifier: MIT
--
-- loa:members:{dir}:invite:CODE is the id of the member whom the code was given to;
-- loa:members:{dir}:brought is a hash: number -> the Telegram chat that the member brought.

local invite = {}

-- The number of the member with that address on a channel: by the index, else (whoever has a phone
-- stands there by that) by the column of the channel.
function members.at(channel, address)
  local name = string.sub(channel, 1, 1) .. ':' .. address
  local index = redis.call('HGET', members.DIR .. 'by-phone', name)
  if index then
    return tonumber(index)
  end
  local place = members.COLUMNS[channel]
  local column, width = redis.call('GET', members.DIR .. place[1]) or '', place[2]
  local wanted = loa.pad(address, width)
  local at = string.find(column, wanted, 1, true)
  while at do
    if (at - 1) % width == 0 then
      return (at - 1) / width
    end
    at = string.find(column, wanted, at + 1, true)
  end
  return nil
end

-- From now on the member has `address` on a channel whose column is of the directory.
function invite.tie(number, channel, address)
  local key = members.DIR .. 'records'
  local whole, record = pcall(cjson.decode, redis.call('HGET', key, number) or '')
  local column = members.COLUMNS[channel]
  if not whole or type(record) ~= 'table' or #address > column[2] or channel ~= 'telegram' then
    return 0
  end
  local c = { holders = {}, numbers = {}, records = {}, phones = {} }
  local had = members.key(number, record)
  record.telegram_chat = address
  local has = members.key(number, record)
  if had ~= has then
    members.leave(c, had, number)
    members.join(c, has, number)
  end
  members.put(column[1], column[2], number, address, true)
  c.records = { number, cjson.encode(record) }
  members.flush(c)
  redis.call('HSET', members.DIR .. 'brought', number, address)
  return 1
end

-- An import whose file knows no chat of these members leaves them what they brought.
function members.keep_brought(numbers)
  local key = members.DIR .. 'brought'
  local brought = numbers[1] and redis.call('HMGET', key, unpack(numbers)) or {}
  for i, address in ipairs(brought) do
    if address then
      invite.tie(numbers[i], 'telegram', address)
    end
  end
end

-- keys: loa:members:{dir}:numbers.  args: channel, code, address.  Whoever was invited by the code
-- has the address now.  A code is good for one member's chat, once.  Answers whether it was one.
function invite.accept(keys, args)
  local key = members.DIR .. 'invite:' .. args[2]
  local id = redis.call('GET', key)
  local number = id and redis.call('HGET', keys[1], id)
  if not number or invite.tie(tonumber(number), args[1], args[3]) == 0 then
    return 0
  end
  redis.call('DEL', key)
  return 1
end

-- keys: loa:members:{dir}:numbers.  args: member's id, code, seconds that it is good for.  Answers
-- 0: there is no such member.
function invite.give(keys, args)
  if redis.call('HEXISTS', keys[1], args[1]) == 0 then
    return 0
  end
  redis.call('SET', members.DIR .. 'invite:' .. args[2], args[1], 'EX', args[3])
  return 1
end

-- keys: loa:members:{dir}:numbers.  args: channel, the address before, the one now.  Answers how
-- many members have the new one by that.
function invite.moved(keys, args)
  local number = members.at(args[1], args[2])
  return number and invite.tie(number, args[1], args[3]) or 0
end

redis.register_function('loa_invite', invite.give)
redis.register_function('loa_invited', invite.accept)
redis.register_function('loa_moved', invite.moved)
