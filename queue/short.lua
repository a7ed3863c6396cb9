-- Short links: how often one was followed.  Whose phone it was is not known here.
-- SPDX-License-Identifier: MIT

-- KEYS[1] loa:broadcast:{ID}.  Nothing for a broadcast that is gone.
local function click(keys)
  if redis.call('HEXISTS', keys[1], 'code') == 1 then
    redis.call('HINCRBY', keys[1], 'clicks', 1)
  end
  return 'OK'
end

redis.register_function{
  function_name = 'loa_click', callback = click, flags = { 'allow-oom' },
}
