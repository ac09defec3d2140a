package ratelimit

import (
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// onceAMinute returns log for what may happen with every request: of the same
// message it lets one a minute through.
func onceAMinute(log *zap.Logger) *zap.Logger { return sampled(log, time.Minute, 1, 0) }

// someASecond returns log for what should be seen and may be a flood: of the
// same message it lets ten a second through, and every hundredth beyond.
func someASecond(log *zap.Logger) *zap.Logger { return sampled(log, time.Second, 10, 100) }

func sampled(log *zap.Logger, tick time.Duration, first, thereafter int) *zap.Logger {
	return log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, tick, first, thereafter)
	}))
}
