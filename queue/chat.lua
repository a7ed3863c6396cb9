-- The turns of a platform's chats, shared by all gateways: a chat takes one message at a time.
-- queue/chat.h.
-- SPDX-License-Identifier: MIT
--
-- KEYS[1] is loa:link:{NAME}:chat; beside it :HASH of each chat whose turn somebody has, until the
-- next one may have it.

-- ARGV: of each chat its hash and for how many ms a turn is.
-- Answers of each 0: it is the asker's turn; else in how many ms to ask again.
local function turns(keys, args)
  local waits = {}
  for i = 1, #args, 2 do
    local key = keys[1] .. ':' .. args[i]
    local mine = redis.call('SET', key, '', 'NX', 'PX', args[i + 1])
    waits[#waits + 1] = mine and 0 or math.max(redis.call('PTTL', key), 1)
  end
  return waits
end

redis.register_function('loa_chat', turns)
