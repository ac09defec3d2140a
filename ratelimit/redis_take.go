package ratelimit

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// takeScript is one take. KEYS are the charges' keys; ARGV has the limit and
// the window (milliseconds) of each. It returns 1 or 0 for admitted, and then
// the current count, the previous count and the elapsed milliseconds of each.
// A denial writes nothing. It is view and cell in Lua; a test holds the two
// against each other. A key lives for two windows, after which it counts for
// nothing.
const takeScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local admitted, cells = 1, {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local h = redis.call('HMGET', key, 'w', 'c', 'p')
  local w, c, p = tonumber(h[1]), tonumber(h[2]) or 0, tonumber(h[3]) or 0
  local win = math.floor(now / window)
  local elapsed = now - win * window
  if not w or w < win - 1 then
    c = 0
    p = 0
  elseif w == win - 1 then
    p = c
    c = 0
  elseif w > win then
    win = w
    elapsed = 0
  end
  if c + math.ceil(p * (window - elapsed) / window) >= limit then
    admitted = 0
  end
  cells[i] = {win, c, p, elapsed, window}
end
local out = {admitted}
for i, key in ipairs(KEYS) do
  local x = cells[i]
  if admitted == 1 then
    x[2] = x[2] + 1
    redis.call('HSET', key, 'w', x[1], 'c', x[2], 'p', x[3])
    redis.call('PEXPIRE', key, 2 * x[5])
  end
  out[#out + 1] = x[2]
  out[#out + 1] = x[3]
  out[#out + 1] = x[4]
end
return out
`

// redisBackend counts in Redis, and in this process while Redis fails.
type redisBackend struct {
	client  redis.Scripter
	script  *redis.Script
	names   *names
	timeout time.Duration
	local   *memory
	outages *zap.Logger
}

func (b *redisBackend) take(ctx context.Context, charges []charge) (bool, error) {
	admitted, err := b.remote(ctx, charges)
	if err == nil {
		return admitted, nil
	}
	b.outages.Warn("Redis does not count; each process counts alone until it does", zap.String("reason", reason(err)))
	return b.local.take(ctx, charges)
}

func (b *redisBackend) refund(ctx context.Context, charges []charge) error {
	return b.local.refund(ctx, charges)
}

func (b *redisBackend) reset(ctx context.Context, charges []charge) error {
	return b.local.reset(ctx, charges)
}

func (b *redisBackend) state() StoreState { return StoreState{Kind: "redis"} }

// errReply is an answer that is not the script's.
var errReply = errors.New("unexpected reply")

func (b *redisBackend) remote(ctx context.Context, charges []charge) (bool, error) {
	// A client that hangs up must be counted, or hanging up would be a way
	// around the limit.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.timeout)
	defer cancel()
	keys, args := make([]string, len(charges)), make([]any, 0, 2*len(charges))
	for i := range charges {
		c := &charges[i]
		keys[i] = b.names.of(c)
		args = append(args, c.rule.limit, c.rule.window)
	}
	out, err := b.script.Run(ctx, b.client, keys, args...).Int64Slice()
	if err != nil {
		return false, err
	}
	if len(out) != 1+3*len(charges) {
		return false, errReply
	}
	admitted := out[0] == 1
	for i := range charges {
		c, v := &charges[i], out[1+3*i:]
		c.verdict = verdict{}
		c.view = view{cur: v[0], prev: v[1], elapsed: v[2], window: c.rule.window}
		if !c.view.plausible() {
			return false, errReply
		}
		c.denied = !admitted && c.view.used() >= c.rule.limit
		c.counted = admitted
	}
	return admitted, nil
}

// reason names the kind of a failure for the log. An error's own text may
// hold the server's address, or what the server chose to say.
func reason(err error) string {
	var netErr net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout() {
		return "timeout"
	}
	if reply, ok := errors.AsType[redis.Error](err); ok {
		code, _, _ := strings.Cut(reply.Error(), " ")
		if code != "" && len(code) <= 16 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			return code // READONLY, OOM, NOAUTH, LOADING, …
		}
		return "error reply"
	}
	if errors.Is(err, errReply) {
		return "unexpected reply"
	}
	return "connection"
}
