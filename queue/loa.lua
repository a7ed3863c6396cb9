#!lua name=loa_1
-- Loa's Function library: its head, its version, and what all Functions share.
-- SPDX-License-Identifier: MIT
--
-- The library is this file and then queue/*.lua in the order of their names, as one text: a `local`
-- at the top level of one file is seen by all later ones, and Lua allows 200 of them.  So a file
-- declares at most one table of its own (`local chunk = {}`) and its Functions; all that is shared
-- stands in the table `loa`:
--
-- (While the library is being loaded only `redis` exists of all globals, no string, no ipairs.)
--
--   loa.VERSION                      schema version, what loa_version answers
--   loa.CHUNK, loa.RECORD            members of a chunk, bytes of a ledger record
--   loa.LETTERS, loa.FIELD[letter]   "qsr?adufkx" and the broadcast's field that counts a letter
--   loa.STAT[letter]                 the counter of transitions into a letter (none for s)
--   loa.next(letter, event, current) the table of letter x event (gateway/core/outcome.c): the
--                                    letter after the event, nil when nothing changes
--   loa.now()                        Redis TIME as milliseconds and as whole seconds
--   loa.date(unix_s)                 year, month, day in UTC
--   loa.load(key)                    opens a broadcast (key = "loa:broadcast:{ID}"): nil when there
--                                    is none, else a table with .state, .n[FIELD] of every number
--                                    of loa.NUMBERS, .resend, .routes, .several (routes), .ending
--                                    (nil: goes on)
--   loa.view(numbers)                a shorter list for loa.load(key, view), made while loading:
--                                    what is not in it cannot be moved; without all counts no done.
--                                    With view.n = {} its numbers stand there, in one table for all
--                                    calls: for views that a call opens one broadcast with
--   loa.load(key, view, route)       the same with that route's terms: ahead, price, parts_each,
--                                    uncertain_wait_ms, .resend, .confirm_ms, .doubt_ms, .last
--   loa.route_letter(b, route)       the letter of a route in …:routes ("s=sms,z=zalo"), nil: none
--   loa.route_names(b)               the names of its routes in order
--   loa.route_at(b, index)           the route whose turn a member is on, nil: none
--   loa.channel_at(b, index)         the ledger's letter of a member's channel
--   loa.stopped(b, now_s)            nothing of it may be begun: not sending, ending, or expired
--   loa.move(b, from, to, n, quiet)  n members went from one letter to another: counts and stats
--                                    (quiet: counts only)
--   loa.add(b, field, n)             adds to another number of loa.NUMBERS (also "stat:…")
--   loa.set(b, field, text)          sets another field with the same write
--   loa.untold(b, more)              how many may yet be told by another channel; adds `more`
--   loa.save(b, now_s)               writes what changed by one HSET; when nobody holds the
--                                    broadcast open any more its state becomes done, or expired
--                                    if some members are, or what it was ending as
--   loa.record{channel=, link=, attempts=, parts=, reason=, submitted_s=, final_s=, id=}
--                                    48 bytes as gateway/core/ledger.c packs them; link: 2 digits
--   loa.is_written(record)           whether a member of the ledger has one
--   loa.number36(n, width), loa.number10(n, width), loa.pad(text, width)   its fields
--   loa.ENDS[ending]                 event, letter and reason of whom an end leaves out
--   loa.ended(record, ending, now_s) their record: what was tried stays in it
--   loa.leave_out(b, n, ending, now_s)   whoever of chunk n is queued or retrying
--
-- Counts are right only when every change of …:states goes through loa.move and loa.save of the
-- same call.  Numbers of a broadcast stay below 2^53, so Lua's doubles hold them exactly.

local loa = {}

loa.VERSION = 1
loa.CHUNK = 256
loa.RECORD = 48
loa.LETTERS = 'qsr?adufkx'
loa.FIELD = {
  q = 'queued', s = 'sending', r = 'retrying', ['?'] = 'uncertain', a = 'accepted',
  d = 'delivered', u = 'undelivered', f = 'failed', k = 'skipped', x = 'expired',
}
loa.STAT = {
  q = 'stat:messages_queued', r = 'stat:messages_retried', ['?'] = 'stat:messages_uncertain',
  a = 'stat:messages_accepted', d = 'stat:messages_delivered', u = 'stat:messages_undelivered',
  f = 'stat:messages_failed', k = 'stat:messages_skipped', x = 'stat:messages_expired',
}
loa.NUMBERS = {
  'queued', 'sending', 'retrying', 'uncertain', 'accepted', 'delivered', 'undelivered', 'failed',
  'skipped', 'expired', 'parts', 'cost', 'price', 'parts_each', 'total', 'chunks', 'planned',
  'ahead', 'expires_s', 'uncertain_wait_ms', 'epoch', 'confirming', 'stat:messages_queued',
  'stat:messages_retried', 'stat:messages_uncertain', 'stat:messages_accepted',
  'stat:messages_delivered', 'stat:messages_undelivered', 'stat:messages_failed',
  'stat:messages_skipped', 'stat:messages_expired', 'stat:parts_submitted', 'stat:throttled',
  'stat:receipts_duplicate', 'archived_s',
}

-- Letter x event: which letters an event moves, where to, and whether it counts whoever brings it.
loa.RULES = {
  S = { from = 'qr?', to = 's' },
  A = { from = 'qsr?fkx', to = 'a', fact = true },
  D = { from = 'qsr?aufkx', to = 'd', fact = true },
  U = { from = 's?a', to = 'u' },
  T = { from = 's', to = 'r' },
  H = { from = 's', to = 'r' },
  P = { from = 's', to = 'f' },
  L = { from = 's', to = '?' },
  R = { from = 's', to = 'q' },
  K = { from = 'qr?', to = 'k' },
  X = { from = 'qr', to = 'x' },
  F = { from = 's?auk', to = 'q' },
}

function loa.next(letter, event, current)
  local rule = loa.RULES[event]
  if not rule or not (rule.fact or current) or not string.find(rule.from, letter, 1, true) then
    return nil
  end
  return rule.to
end

function loa.now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000), tonumber(time[1])
end

-- The UTC date of Unix seconds as numbers; days counted as in a year that begins in March.
function loa.date(s)
  local days = math.floor(s / 86400) + 719468
  local era = math.floor(days / 146097)
  local day = days - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524)
    - math.floor(day / 146096)) / 365)
  day = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * day + 2) / 153)
  day = day - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

-- A view: what HMGET is asked for, texts first.
function loa.view(numbers)
  local fields = { 'state', 'on_uncertain', 'routes', 'ending', 'prices' }
  for i = 1, #numbers do
    fields[i + 5] = numbers[i]
  end
  return fields
end

loa.ALL = loa.view(loa.NUMBERS)

-- "PARTS PRICE AHEAD WAIT_MS resend|hold CONFIRM_MS DOUBT_MS [last]" (from CONFIRM_MS on:
-- chunk_confirm.lua); a broadcast on one route has its terms in the hash, and nobody falls back.
function loa.terms(b, route)
  local text = b.several and redis.call('HGET', b.key, 'route:' .. route)
  local parts, price, ahead, wait_ms, rule, rest =
    string.match(text or '', '^(%d+) (%d+) (%d+) (%d+) (%l+)(.*)$')
  if not parts then
    return
  end
  b.n.parts_each, b.n.price, b.n.ahead = tonumber(parts), tonumber(price), tonumber(ahead)
  b.n.uncertain_wait_ms, b.resend = tonumber(wait_ms), rule ~= 'hold'
  local confirm_ms, doubt_ms, last = string.match(rest, '^ (%d+) (%d+)(.*)$')
  b.confirm_ms, b.doubt_ms = tonumber(confirm_ms or 0), tonumber(doubt_ms or 0)
  b.last = last == ' last'
end

function loa.load(key, view, route)
  view = view or loa.ALL
  local values = redis.call('HMGET', key, unpack(view))
  if not values[1] then
    return nil
  end
  local n = view.n or {}
  for i = 6, #view do
    local text = values[i]
    n[view[i]] = text and text ~= '0' and tonumber(text) or 0
  end
  local b = {
    key = key, state = values[1], resend = values[2] ~= 'hold', routes = values[3] or '', n = n,
    ending = values[4] or nil, prices = values[5] or '', changed = {}, confirm_ms = 0,
    doubt_ms = 0,
  }
  b.several = string.find(b.routes, ',', 1, true) ~= nil
  if route then
    loa.terms(b, route)
  end
  return b
end

function loa.add(b, field, n)
  b.n[field] = b.n[field] + n
  b.changed[field] = b.n[field]
end

function loa.set(b, field, text)
  b.changed[field] = text
end

function loa.move(b, from, to, n, quiet)
  if from == to or n == 0 then
    return
  end
  loa.add(b, loa.FIELD[from], -n)
  loa.add(b, loa.FIELD[to], n)
  if loa.STAT[to] and not quiet then
    loa.add(b, loa.STAT[to], n)
  end
end

-- `routes` is "s=sms,z=zalo".
function loa.route_letter(b, route)
  local text = b.routes .. ','
  local at = string.find(text, '=' .. route .. ',', 1, true)
  return at and string.sub(text, at - 1, at - 1) or nil
end

function loa.route_at(b, index)
  if not b.several then
    return loa.route_names(b)[1]
  end
  local letter = redis.call('GETRANGE', b.key .. ':routes', index, index)
  return letter ~= '' and string.match(',' .. b.routes, ',' .. letter .. '=([^,]+)') or nil
end

function loa.channel_at(b, index)
  return string.sub(loa.route_at(b, index) or '', 1, 1)
end

-- VND a part by the link of a ledger record; by a link that is not known, as the route has it.
function loa.price(b, record)
  local code = record and tonumber(string.sub(record, 2, 3), 36)
  if code then
    for price in string.gmatch(b.prices, '%d+') do
      if code == 0 then
        return tonumber(price)
      end
      code = code - 1
    end
  end
  return b.n.price
end

function loa.route_names(b)
  local names = {}
  for name in string.gmatch(b.routes, '=([^,]+)') do
    names[#names + 1] = name
  end
  return names
end

function loa.expired(b, now_s)
  return b.n.expires_s > 0 and now_s >= b.n.expires_s
end

function loa.stopped(b, now_s)
  return b.state ~= 'sending' or b.ending ~= nil or loa.expired(b, now_s)
end

-- Whether some member at ? will be sent to again.  Routes may differ in that: then it is looked up
-- who they are, at the end of a broadcast, when few are left.
function loa.resends(b)
  if b.n.uncertain == 0 or not b.several then
    return b.n.uncertain > 0 and b.resend
  end
  local letters, resend = redis.call('GET', b.key .. ':states') or '', {}
  for _, route in ipairs(loa.route_names(b)) do
    local terms = redis.call('HGET', b.key, 'route:' .. route) or ''
    resend[loa.route_letter(b, route)] = not string.find(terms, ' hold', 1, true)
  end
  local at = string.find(letters, '?', 1, true)
  while at do
    if resend[redis.call('GETRANGE', b.key .. ':routes', at - 1, at - 1)] then
      return true
    end
    at = string.find(letters, '?', at + 1, true)
  end
  return false
end

-- Of members at u or k (chunk_untold.lua); few have any, so no view has it.
function loa.untold(b, more)
  b.untold = b.untold or tonumber(redis.call('HGET', b.key, 'untold') or 0)
  if more then
    b.untold = b.untold + more
    b.changed.untold = b.untold
  end
  return b.untold
end

-- Whether somebody may still fall back because a channel does not confirm in time, or did not tell
-- him.
function loa.confirms(b)
  return b.n.confirming > 0 and (b.n.accepted + b.n.uncertain > 0 or loa.untold(b) > 0)
end

-- Nobody is queued, sending, retrying, (to be sent again) uncertain or may yet fall back, and all
-- chunks are cut.  One that is ending sends nobody anything again: neither the uncertain hold it
-- nor what is not cut.
function loa.finished(b, now_s)
  local n = b.n
  if n.queued > 0 or n.sending > 0 or n.retrying > 0 then
    return false
  end
  return b.ending ~= nil or n.planned == n.chunks
    and (loa.expired(b, now_s) or not (loa.resends(b) or loa.confirms(b)))
end

function loa.save(b, now_s)
  local open = b.state == 'sending' or b.state == 'paused' or (b.ending and b.state == 'scheduled')
  if open and loa.finished(b, now_s) then
    b.state = b.ending or b.n.expired > 0 and 'expired' or 'done'
    b.changed.state = b.state
    b.changed.finished_s = now_s
  end
  local args = {}
  for field, value in pairs(b.changed) do
    args[#args + 1] = field
    args[#args + 1] = type(value) == 'number' and string.format('%d', value) or value
  end
  if args[1] then
    redis.call('HSET', b.key, unpack(args))
    b.changed = {}
  end
end

-- A number in a field of a record: blanks for 0, else zeros before it; gateway/core/ledger.c.
function loa.number36(n, width)
  if n <= 0 then
    return string.rep(' ', width)
  end
  local digits = ''
  for _ = 1, width do
    local d = n % 36
    digits = string.sub('0123456789abcdefghijklmnopqrstuvwxyz', d + 1, d + 1) .. digits
    n = (n - d) / 36
  end
  return digits
end

function loa.number10(n, width)
  if n <= 0 then
    return string.rep(' ', width)
  end
  return string.format('%0' .. width .. 'd', math.min(n, 10 ^ width - 1))
end

function loa.pad(text, width)
  return string.sub(text .. string.rep(' ', width), 1, width)
end

function loa.record(t)
  return loa.pad(t.channel or ' ', 1) .. (t.link or '  ') .. loa.number10(t.attempts or 0, 2)
    .. loa.number10(t.parts or 0, 2) .. loa.pad(t.reason or '', 5)
    .. loa.number36(t.submitted_s or 0, 7) .. loa.number36(t.final_s or 0, 7)
    .. loa.pad(t.id or '', 22)
end

function loa.is_written(record)
  return #record == loa.RECORD and string.find(record, '[^%z ]') ~= nil
end

loa.ENDS = {
  cancelled = { event = 'K', letter = 'k', reason = 'cance' },
  expired = { event = 'X', letter = 'x', reason = 'expir' },
}

function loa.ended(record, ending, now_s)
  local reason = loa.ENDS[ending].reason
  if not loa.is_written(record) then
    return loa.record{ reason = reason, final_s = now_s }
  end
  return string.sub(record, 1, 7) .. loa.pad(reason, 5) .. string.sub(record, 13, 19)
    .. loa.number36(now_s, 7) .. string.sub(record, 27)
end

-- The ledger of the members first … last, all of whom are left out.
function loa.ended_span(b, first, last, ending, now_s)
  local span = redis.call('GETRANGE', b.key .. ':ledger', first * loa.RECORD,
    (last + 1) * loa.RECORD - 1)
  if not string.find(span, '[^%z]') then
    return string.rep(loa.ended('', ending, now_s), last - first + 1)
  end
  local records = {}
  for i = 0, last - first do
    local record = string.sub(span, i * loa.RECORD + 1, (i + 1) * loa.RECORD)
    records[i + 1] = loa.ended(record, ending, now_s)
  end
  return table.concat(records)
end

-- Returns how many they were.
function loa.leave_out(b, n, ending, now_s)
  local first, to = n * loa.CHUNK, loa.ENDS[ending].letter
  local letters = redis.call('GETRANGE', b.key .. ':states', first, first + loa.CHUNK - 1)
  local from, stop = string.find(letters, '[qr]+')
  if not from then
    return 0
  end
  local dues = {}
  while from do
    local ledger = loa.ended_span(b, first + from - 1, first + stop - 1, ending, now_s)
    redis.call('SETRANGE', b.key .. ':ledger', (first + from - 1) * loa.RECORD, ledger)
    for at = from, stop do
      if string.byte(letters, at) == 114 then
        dues[#dues + 1] = 'due:' .. (first + at - 1)
      end
    end
    from, stop = string.find(letters, '[qr]+', stop + 1)
  end
  if dues[1] then
    redis.call('HDEL', b.key .. ':details', unpack(dues))
  end
  local after, moved = string.gsub(letters, '[qr]', to)
  redis.call('SETRANGE', b.key .. ':states', first, after)
  loa.move(b, 'r', to, #dues)
  loa.move(b, 'q', to, moved - #dues)
  return moved
end

redis.register_function{
  function_name = 'loa_version',
  callback = function() return loa.VERSION end,
  flags = { 'no-writes', 'allow-stale' },
}
