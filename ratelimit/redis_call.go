package ratelimit

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisCalls runs scripts in Redis.
type redisCalls struct {
	client  redis.Cmdable
	timeout time.Duration
	// spread says that keys lie on several nodes, so that each has its own
	// call: a Cluster, which refuses a call for keys of several slots, or a
	// Ring.
	spread bool
}

var (
	// errReply is an answer that is not the script's.
	errReply = errors.New("unexpected reply")
	// errPanic is a panic of the client, or of a hook that was added to it.
	errPanic = errors.New("panic")
)

// run runs all calls under one time-out, in one trip where there is one, and
// sets their err. A client that hangs up does not end them: it must be
// counted, or hanging up would be a way around the limit. A panic is an error
// like another one.
func (r *redisCalls) run(ctx context.Context, script *redis.Script, calls []call) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
	defer cancel()
	for i := range calls {
		calls[i].err = errPanic // until something else is known
	}
	defer func() { _ = recover() }()
	if len(calls) == 1 {
		c := &calls[0]
		c.cmd = script.Run(ctx, r.client, c.keys, c.args...)
		c.err = c.cmd.Err()
		return
	}
	r.pipeline(ctx, calls, script.EvalSha)
	var again []call
	var which []int
	for i, c := range calls {
		if redis.HasErrorPrefix(c.err, "NOSCRIPT") {
			again, which = append(again, c), append(which, i)
		}
	}
	if len(again) > 0 {
		r.pipeline(ctx, again, script.Eval)
		for i, c := range again {
			calls[which[i]] = c
		}
	}
}

func (r *redisCalls) pipeline(ctx context.Context, calls []call, eval func(context.Context, redis.Scripter, []string, ...any) *redis.Cmd) {
	pipe := r.client.Pipeline()
	for i := range calls {
		calls[i].cmd = eval(ctx, pipe, calls[i].keys, calls[i].args...)
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	for i := range calls {
		cmd := calls[i].cmd
		if cmd.Val() != nil {
			// Where one node of a Cluster does not answer in time, go-redis
			// sets its error on the commands that others have answered too.
			cmd.SetErr(nil)
		}
		calls[i].err = cmd.Err()
	}
}

// reason names the kind of a failure. An error's own text may hold the
// server's address, or what the server chose to say.
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
	if errors.Is(err, errReply) || errors.Is(err, errPanic) {
		return err.Error()
	}
	return "connection"
}
