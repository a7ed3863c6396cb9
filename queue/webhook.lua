-- What platforms post to us: consent and replies.  queue/webhook.h.
-- SPDX-License-Identifier: MIT

local webhook = { KEEP_MS = 4 * 3600000 }

-- keys: loa:members:{dir}:numbers.  args: channel, address (or the phone that it goes by).  Answers
-- the member's id and number, '' and -1 when nobody has that address.
function webhook.member(keys, args)
  local number = tonumber(redis.call('HGET', members.DIR .. 'by-phone', args[2]) or nil)
    or members.at(args[1], args[2])
  if not number then
    return { '', -1 }
  end
  local record = redis.call('HGET', members.DIR .. 'records', string.format('%d', number))
  return { record and cjson.decode(record).id or '', number }
end

-- keys: loa:replies.  args: the event's own name (told again it is known for four hours), then the
-- entry's fields and values.  Answers whether it was new.
function webhook.heard(keys, args)
  local seen = 'loa:seen:{' .. keys[1] .. '}'
  local now_ms = loa.now()
  redis.call('ZREMRANGEBYSCORE', seen, '-inf', string.format('%d', now_ms - webhook.KEEP_MS))
  if redis.call('ZADD', seen, 'NX', string.format('%d', now_ms), args[1]) == 0 then
    return 0
  end
  redis.call('XADD', keys[1], '*', unpack(args, 2))
  return 1
end

redis.register_function{
  function_name = 'loa_hook_member', callback = webhook.member, flags = { 'no-writes' },
}
redis.register_function{
  function_name = 'loa_heard', callback = webhook.heard, flags = { 'allow-oom' },
}
