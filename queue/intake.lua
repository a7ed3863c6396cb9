-- The announcements' stream: taking an entry out, and the rejected stream beside it.
-- SPDX-License-Identifier: MIT

local intake = {}

-- KEYS[1] the stream, ARGV[1] the entry: acknowledged and deleted in one step, so that a crash
-- leaves neither a pending entry without fields nor a deaf one.
function intake.ack(keys, args)
  redis.call('XACK', keys[1], 'gateway', args[1])
  return redis.call('XDEL', keys[1], args[1])
end

-- KEYS[1] the rejected stream.  ARGV: the marks' key of the same slot, the source entry, the error,
-- then the fields as they came.  Asked again for the same source it adds nothing.
function intake.reject(keys, args)
  local marks, source = args[1], args[2]
  if redis.call('HSETNX', marks, source, 1) == 0 then
    return 0
  end
  local fields = { 'error', args[3], 'source_id', source }
  for i = 4, #args do
    fields[#fields + 1] = args[i]
  end
  redis.call('XADD', keys[1], '*', unpack(fields))
  return 1
end

redis.register_function{ function_name = 'loa_ack', callback = intake.ack, flags = { 'allow-oom' } }
redis.register_function{ function_name = 'loa_reject', callback = intake.reject }
