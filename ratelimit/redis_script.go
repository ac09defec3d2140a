package ratelimit

// takeScript takes several requests, one after the other and each all or
// nothing, and first settles what this process has counted alone. KEYS are the
// keys of the debts and then those of the requests. ARGV has the number of
// debts, 14 values for each of them, and for each request the number of its
// keys and 14 values for each of them:
//
//	 1      the window, in milliseconds
//	 2– 5   the penalty: after, first, factor, max
//	 6–10   what this process knows of the key: the window's number, the
//	        current and the previous count, the strikes, and in how many
//	        milliseconds their delay ends
//	11–14   of a debt: the number of its window, what is owed in it, what is
//	        owed in the one before, and 1 where the strikes are owed too;
//	        of a request's key: the limit, the cost, 1 for a dry run, and 0
//
// It returns for each request 1 or 0 for admitted, and 7 values of each key:
// the window's number, the current and the previous count, the elapsed
// milliseconds, the strikes, in how many milliseconds their delay ends
// (negative where it has), and 1 or 0 for denied.
//
// A key that Redis does not know, though this process does, was lost: by a
// restart, a FLUSHALL or an eviction. It begins with what this process knows,
// so that nobody gets a fresh allowance. A key that was reset is known to
// Redis, see resetScript.
//
// It is cell, view, strikes and memory.take in Lua; the tests hold the two
// against each other. Denials write nothing but strikes. A key lives for two
// windows, after which its counts weigh nothing, and as long as its strikes.
const takeScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local args, keys = 0, 0
local function number()
  args = args + 1
  return tonumber(ARGV[args])
end

local function delay(x, n)
  if x.first == 0 or n < x.after then return 0 end
  local d = x.first
  for i = x.after + 1, n do
    if d >= x.max or x.factor <= 1 then break end
    d = d * x.factor
  end
  return math.min(d, x.max)
end

local function forgotten(x) return x.u + math.max(2 * x.window, delay(x, x.n)) end

-- turn moves the cell on to a window. It never goes back.
local function turn(x, win)
  if x.w == win - 1 then
    x.p = x.c
    x.c = 0
  elseif x.w < win - 1 then
    x.p = 0
    x.c = 0
  end
  x.w = math.max(x.w, win)
end

local function load()
  keys = keys + 1
  local x = {key = KEYS[keys]}
  x.window = number()
  x.after = number()
  x.first = number()
  x.factor = number()
  x.max = number()
  x.w = number()
  x.c = number()
  x.p = number()
  x.known = number()
  x.left = number()
  x.a = number()
  x.b = number()
  x.z = number()
  x.owed = number()
  x.n = x.known
  x.u = 0
  if x.n > 0 then x.u = now + x.left end
  local win = math.floor(now / x.window)
  if math.abs(x.w - win) > 1 then x.w = win end
  local h = redis.call('HMGET', x.key, 'w', 'c', 'p', 'n', 'u')
  x.lost = not h[1]
  if h[1] then
    x.w = tonumber(h[1])
    x.c = tonumber(h[2]) or 0
    x.p = tonumber(h[3]) or 0
    x.n = tonumber(h[4]) or 0
    x.u = tonumber(h[5]) or 0
  end
  turn(x, win)
  x.elapsed = 0
  if x.w == win then x.elapsed = now - win * x.window end
  if now >= forgotten(x) then
    x.n = 0
    x.u = 0
  end
  return x
end

local function save(x)
  redis.call('HSET', x.key, 'w', x.w, 'c', x.c, 'p', x.p)
  local life = 2 * x.window
  if x.first > 0 then
    redis.call('HSET', x.key, 'n', x.n, 'u', x.u)
    if x.n > 0 then life = math.max(life, forgotten(x) - now) end
  end
  redis.call('PEXPIRE', x.key, life)
end

for i = 1, number() do
  local x = load()
  if not x.lost then
    local win = x.a
    if win > x.w + 1 then win = x.w end -- the process's clock is far ahead
    turn(x, win)
    if win == x.w then
      x.c = math.max(0, x.c + x.b)
      x.p = math.max(0, x.p + x.z)
    elseif win == x.w - 1 then
      x.p = math.max(0, x.p + x.b)
    end
    if x.owed == 1 and x.known > 0 then
      x.n = math.max(x.n, x.known)
      x.u = math.max(x.u, now + x.left)
    end
  end
  save(x)
end

local out = {}
while keys < #KEYS do
  local admitted, charges = 1, {}
  for i = 1, number() do
    local x = load()
    local used = x.c + math.ceil(x.p * (x.window - x.elapsed) / x.window)
    x.denied = 0
    if x.u > now or used + x.b > x.a then
      x.denied = 1
      if x.z == 0 then admitted = 0 end
    end
    charges[i] = x
  end
  out[#out + 1] = admitted
  for _, x in ipairs(charges) do
    if x.denied == 1 and x.u <= now and x.first > 0 then
      x.n = math.min(x.n + 1, 1000)
      x.u = now + delay(x, x.n)
      save(x)
    elseif x.denied == 0 and admitted == 1 then
      x.c = x.c + x.b
      save(x)
    end
    out[#out + 1] = x.w
    out[#out + 1] = x.c
    out[#out + 1] = x.p
    out[#out + 1] = x.elapsed
    out[#out + 1] = x.n
    out[#out + 1] = x.u - now
    out[#out + 1] = x.denied
  end
end
return out
`

// verdictSize is the number of values that takeScript returns of a key.
const verdictSize = 7

// resetScript forgets KEYS. It writes zeros, because a key that is missing
// would begin again with what another replica knows; they stay for as long as
// one may know something. ARGV has the window and that time, for each key.
const resetScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i, key in ipairs(KEYS) do
  redis.call('DEL', key)
  redis.call('HSET', key, 'w', math.floor(now / tonumber(ARGV[2 * i - 1])), 'c', 0, 'p', 0)
  redis.call('PEXPIRE', key, ARGV[2 * i])
end
return #KEYS
`
