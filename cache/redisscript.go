package cache

// A generation is two numbers, hard and soft, each the time of its last purge
// in microseconds by the server's clock, and always more than it was: a
// counter that began again at one after an eviction would bring old pages
// back to life.
//
// The scripts assign one variable at a time.
const (
	// bumpScript purges: the first ARGV[1] of KEYS hard, the others soft. The
	// last two are anyGroup, whose soft number changes with every purge of
	// anything, and the log, where each entry names the one before it, so that
	// a reader knows whether it has missed any. ARGV[2] is the life of a
	// generation in milliseconds, ARGV[3] the length of the log, ARGV[4] the
	// names.
	bumpScript = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local hards = tonumber(ARGV[1])
for i = 1, #KEYS - 1 do
  local old = redis.call('GET', KEYS[i]) or ''
  local h = tonumber(string.match(old, '^(%d+) %d+$') or '') or 0
  local s = tonumber(string.match(old, '^%d+ (%d+)$') or '') or 0
  if i <= hards or h == 0 then h = math.max(h + 1, now) end
  if i > hards or s == 0 then s = math.max(s + 1, now) end
  redis.call('SET', KEYS[i], string.format('%.0f %.0f', h, s), 'PX', ARGV[2])
end
local log = KEYS[#KEYS]
local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
local before = ''
if newest[1] then before = newest[1][1] end
redis.call('XADD', log, 'MAXLEN', '~', ARGV[3], '*', 'before', before, 'names', ARGV[4])
redis.call('PEXPIRE', log, ARGV[2])
return #KEYS - 2`

	// openScript gives generations that have no value one, and returns all of
	// them. It returns nothing where anything was purged since the soft number
	// of anyGroup, the last of KEYS, was ARGV[2]. ARGV[1] is the life of a
	// generation in milliseconds.
	openScript = `
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000000 + t[2])
local values = {}
for i = 1, #KEYS - 1 do
  redis.call('SET', KEYS[i], now .. ' ' .. now, 'NX', 'PX', ARGV[1])
  values[i] = redis.call('GET', KEYS[i])
end
local all = redis.call('GET', KEYS[#KEYS]) or ''
if (string.match(all, '^%d+ (%d+)$') or '0') ~= ARGV[2] then return {} end
return values`

	// newestScript returns the newest entry of the log, after it has begun one
	// where there is none. It always writes: on a replica that is read only it
	// fails, as nobody can know there how much is missing.
	newestScript = `
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local id = ''
if newest[1] then
  id = newest[1][1]
else
  id = redis.call('XADD', KEYS[1], '*', 'before', '', 'names', '')
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return id`
)
