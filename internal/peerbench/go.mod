module github.com/launchready/readiness/internal/peerbench

go 1.26.0

replace github.com/launchready/readiness => ../../

require (
	github.com/alexliesenfeld/health v0.8.0
	github.com/gregjones/httpcache v0.0.0-20190611155906-901d90724c79
	github.com/hellofresh/health-go/v5 v5.5.4
	github.com/launchready/readiness v0.0.0-00010101000000-000000000000
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dunglas/httpsfv v1.1.2 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	go.opentelemetry.io/otel v1.35.0 // indirect
	go.opentelemetry.io/otel/trace v1.35.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	go.uber.org/zap v1.28.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
