-- The directory of members: its columns, and the import.  All keys begin "loa:members:{dir}:".
-- SPDX-License-Identifier: MIT

local members = { DIR = 'loa:members:{dir}:', PHONE = 12, ZALO = 24, TELEGRAM = 20 }

-- `bytes` of a string from `first` to `last`, padded with NULs where the string ends before.
function members.range(key, first, last)
  local bytes = redis.call('GETRANGE', key, first, last)
  local missing = last - first + 1 - #bytes
  if missing > 0 then
    bytes = bytes .. string.rep('\0', missing)
  end
  return bytes
end

-- KEYS[1] any key of the directory.  ARGV[1] spans of numbers, "0-4095 5000-5003 ".  Answers the
-- phones of all spans joined, then the bytes of `optout:sms` and of `shared` that hold their bits:
-- one moment of the directory.
function members.columns(_, args)
  local phones, opted_out, shared = {}, {}, {}
  for low, high in string.gmatch(args[1], '(%d+)%-(%d+)') do
    low, high = tonumber(low), tonumber(high)
    local first, last = math.floor(low / 8), math.floor(high / 8)
    local n = #phones + 1
    phones[n] = members.range(members.DIR .. 'phones', low * members.PHONE, (high + 1) * members.PHONE - 1)
    opted_out[n] = members.range(members.DIR .. 'optout:sms', first, last)
    shared[n] = members.range(members.DIR .. 'shared', first, last)
  end
  return { table.concat(phones), table.concat(opted_out), table.concat(shared) }
end

redis.register_function{
  function_name = 'loa_columns', callback = members.columns, flags = { 'no-writes' },
}
