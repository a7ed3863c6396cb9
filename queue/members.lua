-- The directory of members: its columns, and the import.  All keys begin "loa:members:{dir}:".
-- SPDX-License-Identifier: MIT

local members = { DIR = 'loa:members:{dir}:', PHONE = 12, ZALO = 24, TELEGRAM = 20, PREFER = 3 }

-- `bytes` of a string from `first` to `last`, padded with NULs where the string ends before.
function members.range(key, first, last)
  local bytes = redis.call('GETRANGE', key, first, last)
  local missing = last - first + 1 - #bytes
  if missing > 0 then
    bytes = bytes .. string.rep('\0', missing)
  end
  return bytes
end

-- Where a channel's addresses stand, and how wide each is.
members.COLUMNS = {
  sms = { 'phones', members.PHONE }, zalo = { 'zalo', members.ZALO },
  telegram = { 'telegram', members.TELEGRAM },
}
members.CHANNELS = { 'sms', 'zalo', 'telegram' } -- enum member_channel

-- `width` bytes a number of all spans ("0-4095 5000-5003 "), joined; width 0: their bits' bytes.
function members.spans(key, text, width)
  local pieces = {}
  for low, high in string.gmatch(text, '(%d+)%-(%d+)') do
    local first, last = low * width, (high + 1) * width - 1
    if width == 0 then
      first, last = math.floor(low / 8), math.floor(high / 8)
    end
    pieces[#pieces + 1] = members.range(members.DIR .. key, first, last)
  end
  return table.concat(pieces)
end

-- KEYS[1] any key of the directory.  ARGV: spans of numbers, then channels.  Answers the bytes of
-- `shared`, then of each channel its addresses and the bytes of `optout:CHANNEL`: one moment of the
-- directory.  Last of them `prefer` may stand: what members prefer, '' when nobody ever did.
function members.columns(_, args)
  local answer = { members.spans('shared', args[1], 0) }
  for i = 2, #args do
    local column = members.COLUMNS[args[i]]
    if column then
      answer[#answer + 1] = members.spans(column[1], args[1], column[2])
      answer[#answer + 1] = members.spans('optout:' .. args[i], args[1], 0)
    else
      local some = redis.call('EXISTS', members.DIR .. 'prefer') == 1
      answer[#answer + 1] = some and members.spans('prefer', args[1], members.PREFER) or ''
    end
  end
  return answer
end

redis.register_function{
  function_name = 'loa_columns', callback = members.columns, flags = { 'no-writes' },
}

-- ---- import -----------------------------------------------------------------------------------

-- The holders of an address: `low` (by-phone: the lowest number) and, when there are several,
-- `list` (sharers: their numbers ascending).  What changes is written once, by members.flush().
function members.holders(c, address)
  local h = c.holders[address]
  if not h then
    h = { low = tonumber(redis.call('HGET', members.DIR .. 'by-phone', address) or nil) }
    c.holders[address] = h
  end
  return h
end

function members.list(h, address)
  if not h.list then
    local kept = redis.call('HGET', members.DIR .. 'sharers', address)
    h.list = {}
    for number in string.gmatch(kept or tostring(h.low), '%d+') do
      h.list[#h.list + 1] = tonumber(number)
    end
  end
  return h.list
end

function members.share(number, bit)
  redis.call('SETBIT', members.DIR .. 'shared', number, bit)
end

function members.join(c, address, number)
  if address == '' then
    return
  end
  local h = members.holders(c, address)
  h.changed = true
  if c.refused and redis.call('HEXISTS', members.DIR .. 'refused:sms', address) == 1 then
    redis.call('SETBIT', members.DIR .. 'optout:sms', number, 1)
  end
  if not h.low then
    h.low = number
    h.list = h.list and { number }
    return
  end
  local list = members.list(h, address)
  local at = #list
  while at > 0 and list[at] > number do
    at = at - 1
  end
  table.insert(list, at + 1, number)
  if number < h.low then
    members.share(h.low, 1)
    h.low = number
  else
    members.share(number, 1)
  end
end

function members.leave(c, address, number)
  if address == '' then
    return
  end
  local h = members.holders(c, address)
  if not h.low then
    return
  end
  local list = members.list(h, address)
  for at = 1, #list do
    if list[at] == number then
      table.remove(list, at)
      break
    end
  end
  h.changed = true
  h.low = list[1]
  members.share(number, 0)
  if h.low then
    members.share(h.low, 0)
  end
end

function members.flush(c)
  local lows, gone = {}, {}
  for address, h in pairs(c.holders) do
    if h.changed then
      if h.low then
        lows[#lows + 1] = address
        lows[#lows + 1] = h.low
      else
        gone[#gone + 1] = address
      end
      if h.list and #h.list > 1 then
        redis.call('HSET', members.DIR .. 'sharers', address, table.concat(h.list, ','))
      elseif h.list then
        redis.call('HDEL', members.DIR .. 'sharers', address)
      end
    end
  end
  members.call('HSET', 'by-phone', lows)
  members.call('HDEL', 'by-phone', gone)
  members.call('HSET', 'numbers', c.numbers)
  members.call('HSET', 'records', c.records)
  if c.phones[1] then
    redis.call('SETRANGE', members.DIR .. 'phones', c.first * members.PHONE, table.concat(c.phones))
    redis.call('SET', members.DIR .. 'count', c.count)
  end
end

function members.call(command, key, list)
  if list[1] then
    redis.call(command, members.DIR .. key, unpack(list))
  end
end

-- The set of "a;b" as a table.
function members.groups(text)
  local set = {}
  for name in string.gmatch(text, '[^;]+') do
    set[name] = true
  end
  return set
end

function members.regroup(number, old, new)
  for name in pairs(new) do
    if not old[name] then
      redis.call('SETBIT', members.DIR .. 'group:' .. name, number, 1)
      redis.call('SADD', members.DIR .. 'groups', name)
    end
  end
  for name in pairs(old) do
    local key = members.DIR .. 'group:' .. name
    if not new[name] then
      redis.call('SETBIT', key, number, 0)
      if redis.call('BITPOS', key, 1) == -1 then
        redis.call('DEL', key)
        redis.call('SREM', members.DIR .. 'groups', name)
      end
    end
  end
end

-- A column of fixed width, only written where there is or was something.
function members.put(key, width, number, text, had)
  if text ~= '' or had then
    redis.call('SETRANGE', members.DIR .. key, number * width, loa.pad(text, width))
  end
end

-- A line of the file: the arguments from `i` on are id, JSON, phone column, zalo uid, telegram
-- chat, groups, the address that members are compared by, and the letters of preferred channels.
function members.add(c, args, i)
  local number = c.count
  c.count = number + 1
  c.numbers[#c.numbers + 1] = args[i]
  c.numbers[#c.numbers + 1] = number
  c.records[#c.records + 1] = number
  c.records[#c.records + 1] = args[i + 1]
  c.phones[#c.phones + 1] = args[i + 2]
  members.put('zalo', members.ZALO, number, args[i + 3], false)
  members.put('telegram', members.TELEGRAM, number, args[i + 4], false)
  redis.call('SETBIT', members.DIR .. 'all', number, 1)
  members.regroup(number, {}, members.groups(args[i + 5]))
  members.put('prefer', members.PREFER, number, args[i + 7], false)
  members.join(c, args[i + 6], number)
end

-- What a kept member is compared by.
function members.key(number, record)
  local phone = string.match(members.range(members.DIR .. 'phones', number * members.PHONE,
    (number + 1) * members.PHONE - 1), '^%d+')
  if phone then
    return phone
  end
  if (record.zalo_uid or '') ~= '' then
    return 'z:' .. record.zalo_uid
  end
  return (record.telegram_chat or '') ~= '' and 't:' .. record.telegram_chat or ''
end

function members.change(c, args, i, number, json)
  local whole, record = pcall(cjson.decode, json)
  record = whole and record or {}
  local had = members.key(number, record)
  if had ~= args[i + 6] then
    members.leave(c, had, number)
    members.join(c, args[i + 6], number)
  end
  redis.call('SETRANGE', members.DIR .. 'phones', number * members.PHONE, args[i + 2])
  members.put('zalo', members.ZALO, number, args[i + 3], (record.zalo_uid or '') ~= '')
  members.put('telegram', members.TELEGRAM, number, args[i + 4], (record.telegram_chat or '') ~= '')
  members.put('prefer', members.PREFER, number, args[i + 7], (record.prefer or '') ~= '')
  members.regroup(number, members.groups(record.groups or ''), members.groups(args[i + 5]))
  redis.call('HSET', members.DIR .. 'records', number, args[i + 1])
end

-- Whether another than `number` holds the address already: for a dry run.
function members.taken(c, address, number)
  local low = address ~= '' and members.holders(c, address).low
  return low and low ~= number
end

-- KEYS[1] …:numbers.  ARGV[1] "write" or "dry", then eight arguments a line (members.add), each id
-- once in a file.  Answers a letter a line: n new, c changed, u unchanged; in a dry run N, C when
-- the address belongs to somebody else already.
function members.import(keys, args)
  local ids, letters = {}, {}
  for i = 2, #args, 8 do
    ids[#ids + 1] = args[i]
  end
  local numbers = redis.call('HMGET', keys[1], unpack(ids))
  local count = tonumber(redis.call('GET', members.DIR .. 'count') or 0)
  local c = { holders = {}, numbers = {}, records = {}, phones = {}, count = count, first = count,
    refused = redis.call('EXISTS', members.DIR .. 'refused:sms') == 1 }
  local dry, chatless = args[1] == 'dry', {}
  for n, number in ipairs(numbers) do
    local i = 2 + (n - 1) * 8
    local json = number and redis.call('HGET', members.DIR .. 'records', number)
    local letter = not number and 'n' or json == args[i + 1] and 'u' or 'c'
    if dry then
      if letter ~= 'u' and members.taken(c, args[i + 6], tonumber(number or -1)) then
        letter = string.upper(letter)
      end
    elseif letter == 'n' then
      members.add(c, args, i)
    elseif letter == 'c' then
      members.change(c, args, i, tonumber(number), json or '{}')
      if args[i + 4] == '' then
        chatless[#chatless + 1] = tonumber(number)
      end
    end
    letters[n] = letter
  end
  if not dry then
    members.flush(c)
    members.keep_brought(chatless)
  end
  return table.concat(letters)
end

redis.register_function('loa_members_import', members.import)

-- ---- looking ----------------------------------------------------------------------------------

-- KEYS[1] …:records.  ARGV: numbers.  Answers for each its record (false: none), the channels that
-- it has opted out of (1 sms, 2 zalo, 4 telegram), whether it shares its address with a lower
-- number.
function members.get(keys, args)
  local answer = {}
  for i, number in ipairs(args) do
    answer[i * 3 - 2] = redis.call('HGET', keys[1], number)
    local out = 0
    for bit, channel in ipairs(members.CHANNELS) do
      out = out + redis.call('GETBIT', members.DIR .. 'optout:' .. channel, number) * 2 ^ (bit - 1)
    end
    answer[i * 3 - 1] = out
    answer[i * 3] = redis.call('GETBIT', members.DIR .. 'shared', number)
  end
  return answer
end

-- KEYS[1] …:groups.  Answers names and sizes, by name.
function members.sizes(keys)
  local names, answer = redis.call('SMEMBERS', keys[1]), {}
  table.sort(names)
  for i, name in ipairs(names) do
    answer[i * 2 - 1] = name
    answer[i * 2] = redis.call('BITCOUNT', members.DIR .. 'group:' .. name)
  end
  return answer
end

-- KEYS[1] …:optout:sms.  ARGV: ranges of bytes, "0-31".  Answers the bytes of each.
function members.opted_out(keys, args)
  local answer = {}
  for i, range in ipairs(args) do
    local first, last = string.match(range, '^(%d+)%-(%d+)$')
    answer[i] = redis.call('GETRANGE', keys[1], first, last)
  end
  return answer
end

redis.register_function{
  function_name = 'loa_member', callback = members.get, flags = { 'no-writes' },
}
redis.register_function{
  function_name = 'loa_groups', callback = members.sizes, flags = { 'no-writes' },
}
redis.register_function{
  function_name = 'loa_opted_out', callback = members.opted_out, flags = { 'no-writes' },
}
