-- What becomes of a broadcast when `retention.outcomes` is over.  queue/archive.h.
-- SPDX-License-Identifier: MIT

local archive = {
  PARTS = {
    ':audience', ':states', ':routes', ':chunks', ':claims', ':ledger', ':details', ':passed',
  },
  ENDED = { done = true, cancelled = true, expired = true, rejected = true },
}

-- The hash keeps what an admin asks for years later: title, text, dates, counts.  Its counters were
-- posted; without them nothing can be counted once more.
function archive.strip(key)
  local gone = { 'repeated_by', 'links', 'routes', 'ahead', 'epoch', 'uncertain_wait_ms' }
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 5) == 'stat:' then
      gone[#gone + 1] = field
    end
  end
  redis.call('HDEL', key, unpack(gone))
end

-- KEYS[1] loa:broadcast:{ID}.  ARGV[1]: Unix seconds; who ended before that is archived: of its
-- members nothing is left, of itself the hash with the counts.
-- Answers ARCHIVED, BEFORE (it was so a minute ago and longer: nobody counts it any more), SOON (it
-- was so, just now), KEPT (not over, or not so long ago) or GONE.
function archive.archive(keys, args)
  local key = keys[1]
  local had = redis.call('HMGET', key, 'state', 'finished_s', 'archived_s')
  local _, now_s = loa.now()
  if not had[1] then
    return 'GONE'
  end
  if had[3] then
    return now_s - had[3] >= 60 and 'BEFORE' or 'SOON'
  end
  if not archive.ENDED[had[1]] or tonumber(had[2] or now_s) >= tonumber(args[1]) then
    return 'KEPT'
  end
  for _, part in ipairs(archive.PARTS) do
    redis.call('UNLINK', key .. part)
  end
  archive.strip(key)
  redis.call('HSET', key, 'archived_s', now_s)
  return 'ARCHIVED'
end

redis.register_function{
  function_name = 'loa_archive', callback = archive.archive, flags = { 'allow-oom' },
}
