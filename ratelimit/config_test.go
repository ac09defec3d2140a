package ratelimit_test

import (
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/launchready/readiness/ratelimit"
)

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	good := ratelimit.Rule{Pattern: "POST /login", Limit: 1, Window: time.Second, Keys: []ratelimit.Key{ratelimit.IP()}}
	edit := func(f func(*ratelimit.Rule)) ratelimit.Config {
		r := good
		f(&r)
		return ratelimit.Config{Rules: []ratelimit.Rule{r}}
	}
	withKey := func(k ratelimit.Key) ratelimit.Config {
		return edit(func(r *ratelimit.Rule) { r.Keys = []ratelimit.Key{k} })
	}
	penalty := func(p ratelimit.Penalty) ratelimit.Config {
		return edit(func(r *ratelimit.Rule) { r.Penalty = p })
	}
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	t.Cleanup(func() { _, _, _ = rdb.Close(), cluster.Close(), ring.Close() })
	secret := []byte(strings.Repeat("s", 32))
	store := func(s ratelimit.Store, secret []byte) ratelimit.Config {
		return ratelimit.Config{Rules: []ratelimit.Rule{good}, Store: s, Secret: secret}
	}
	for _, tt := range []struct {
		name string
		cfg  ratelimit.Config
		want []string // the beginnings of the problems
	}{
		{name: "good", cfg: ratelimit.Config{Rules: []ratelimit.Rule{good}}},
		{name: "good with Redis", cfg: store(ratelimit.NewRedisStore(rdb, ratelimit.RedisConfig{}), secret)},
		{name: "no rules", want: []string{"Rules: is empty"}},
		{name: "malformed pattern", cfg: edit(func(r *ratelimit.Rule) { r.Pattern = "POST login" }), want: []string{"Rules[0].Pattern: "}},
		{name: "no limit", cfg: edit(func(r *ratelimit.Rule) { r.Limit = 0 }), want: []string{"Rules[0].Limit: must be from 1"}},
		{name: "huge limit", cfg: edit(func(r *ratelimit.Rule) { r.Limit = 1_000_001 }), want: []string{"Rules[0].Limit: must be"}},
		{name: "no window", cfg: edit(func(r *ratelimit.Rule) { r.Window = 0 }), want: []string{"Rules[0].Window: must be whole seconds"}},
		{name: "part of a second", cfg: edit(func(r *ratelimit.Rule) { r.Window = 1500 * time.Millisecond }), want: []string{"Rules[0].Window: must be"}},
		{name: "long window", cfg: edit(func(r *ratelimit.Rule) { r.Window = 32 * 24 * time.Hour }), want: []string{"Rules[0].Window: must be"}},
		{name: "no key", cfg: withKey(ratelimit.Key{}), want: []string{"Rules[0].Keys[0]: is empty"}},
		{name: "nil function", cfg: withKey(ratelimit.Func(nil)), want: []string{"Rules[0].Keys[0]: is Func(nil)"}},
		{name: "bad header", cfg: withKey(ratelimit.Header("a b")), want: []string{"Rules[0].Keys[0]: Header(a b) is no"}},
		{name: "empty header", cfg: withKey(ratelimit.Header("")), want: []string{"Rules[0].Keys[0]: Header() is no"}},
		{name: "host", cfg: withKey(ratelimit.Header("host")), want: []string{"Rules[0].Keys[0]: Header(Host) is never"}},
		{name: "an address that anybody can send", cfg: withKey(ratelimit.Header("x-forwarded-for")), want: []string{"Rules[0].Keys[0]: Header(X-Forwarded-For) is a value that any client"}},
		{name: "five keys", cfg: edit(func(r *ratelimit.Rule) {
			r.Keys = []ratelimit.Key{ratelimit.IP(), ratelimit.Field("a"), ratelimit.Field("b"), ratelimit.Field("c"), ratelimit.Field("d")}
		}), want: []string{"Rules[0].Keys: must be 1 to 4 keys, got 5"}},
		{name: "a key twice", cfg: edit(func(r *ratelimit.Rule) { r.Keys = []ratelimit.Key{ratelimit.IP(), ratelimit.IP()} }), want: []string{"Rules[0].Keys[1]: ip stands there twice"}},
		{name: "nameless field", cfg: withKey(ratelimit.Field("")), want: []string{`Rules[0].Keys[0]: Field("") is no name of a field`}},
		{name: "odd field", cfg: withKey(ratelimit.Field("a\nb")), want: []string{`Rules[0].Keys[0]: Field("a\nb")`, "Rules[0].Name: "}},
		{name: "required without a field", cfg: edit(func(r *ratelimit.Rule) { r.Required = true }), want: []string{"Rules[0].Required: is set although no key is a Field"}},
		{name: "required for every method", cfg: edit(func(r *ratelimit.Rule) {
			r.Pattern, r.Required, r.Keys = "/login", true, []ratelimit.Key{ratelimit.Field("email")}
		}), want: []string{"Rules[0].Pattern: must name a method"}},
		{name: "no such count", cfg: edit(func(r *ratelimit.Rule) { r.Count = 7 }), want: []string{"Rules[0].Count: must be All, Failures or ResetOnSuccess, got 7"}},
		{name: "reset by address", cfg: edit(func(r *ratelimit.Rule) { r.Count = ratelimit.ResetOnSuccess }), want: []string{"Rules[0].Count: is ResetOnSuccess for a key of no account"}},
		{name: "reset by account", cfg: edit(func(r *ratelimit.Rule) {
			r.Count, r.Keys = ratelimit.ResetOnSuccess, []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")}
		})},
		{name: "anybody may lock an account", cfg: edit(func(r *ratelimit.Rule) {
			r.Count, r.Keys = ratelimit.Failures, []ratelimit.Key{ratelimit.Field("email")}
		}), want: []string{"Rules[0].Known: is nil although the rule counts failures by field email alone"}},
		{name: "account rules without devices", cfg: ratelimit.Config{Rules: ratelimit.AccountRules("POST /login", nil)}, want: []string{"Rules[0].Known: is nil"}},
		{name: "success of all", cfg: edit(func(r *ratelimit.Rule) { r.SuccessStatus = []int{200} }), want: []string{"Rules[0].SuccessStatus: is set although Count is All"}},
		{name: "no status", cfg: edit(func(r *ratelimit.Rule) { r.Count, r.SuccessStatus = ratelimit.Failures, []int{204, 20} }), want: []string{"Rules[0].SuccessStatus[1]: must be a status from 200 to 599, got 20"}},
		{name: "penalty without a delay", cfg: penalty(ratelimit.Penalty{After: 3}), want: []string{"Rules[0].Penalty.First: is 0"}},
		{name: "bad penalty", cfg: penalty(ratelimit.Penalty{After: -1, First: time.Microsecond, Factor: 101, Max: time.Nanosecond}), want: []string{
			"Rules[0].Penalty.After: must be from 1", "Rules[0].Penalty.First: must be whole milliseconds", "Rules[0].Penalty.Factor: must be from 1 to 100, got 101", "Rules[0].Penalty.Max: must be from First, 1µs",
		}},
		{name: "endless penalty", cfg: penalty(ratelimit.Penalty{First: time.Second, Max: 32 * 24 * time.Hour}), want: []string{"Rules[0].Penalty.Max: must be"}},
		{name: "long first delay", cfg: penalty(ratelimit.Penalty{First: 3 * time.Hour})},
		{name: "networks", cfg: edit(func(r *ratelimit.Rule) {
			r.Allow = []netip.Prefix{
				{}, netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("::ffff:192.0.2.0/120"), netip.MustParsePrefix("10.0.0.0/8"),
			}
		}), want: []string{"Rules[0].Allow[0]: is no prefix", "Rules[0].Allow[1]: 192.0.2.1/24 has bits behind", "Rules[0].Allow[2]: 2001:db8::1/128 is narrower", "Rules[0].Allow[3]: ::ffff:192.0.2.0/120 is IPv4 in IPv6"}},
		{name: "quiet without an answer", cfg: edit(func(r *ratelimit.Rule) { r.Quiet = true }), want: []string{"Rules[0].Quiet: is set although nothing answers"}},
		{name: "bad name", cfg: edit(func(r *ratelimit.Rule) { r.Name = "é" }), want: []string{"Rules[0].Name: "}},
		{name: "long name", cfg: edit(func(r *ratelimit.Rule) { r.Name = strings.Repeat("n", 129) }), want: []string{"Rules[0].Name: "}},
		{name: "same name", cfg: ratelimit.Config{Rules: []ratelimit.Rule{good, good}}, want: []string{`Rules[1].Name: "POST /login by ip" is the name of Rules[0] too`}},
		{
			name: "proxies without a header",
			cfg:  ratelimit.Config{Rules: []ratelimit.Rule{good}, ClientIP: ratelimit.ClientIP{TrustedProxies: ratelimit.PrivateNetworks()}},
			want: []string{"ClientIP.Header: "},
		},
		{name: "no secret", cfg: store(ratelimit.NewRedisStore(rdb, ratelimit.RedisConfig{}), nil), want: []string{"Secret: must have at least 32 bytes"}},
		{name: "short secret", cfg: store(nil, []byte("short")), want: []string{"Secret: must have at least 32 bytes, got 5"}},
		{name: "nil client", cfg: store(ratelimit.NewRedisStore(nil, ratelimit.RedisConfig{}), secret), want: []string{"Store: NewRedisStore was given a nil client"}},
		{name: "nil pointer", cfg: store(ratelimit.NewRedisStore((*redis.Client)(nil), ratelimit.RedisConfig{}), secret), want: []string{"Store: NewRedisStore was given a nil client"}},
		{name: "cluster without deadlines", cfg: store(ratelimit.NewRedisStore(cluster, ratelimit.RedisConfig{}), secret), want: []string{"Store: the *redis.ClusterClient has no deadlines; set ContextTimeoutEnabled"}},
		{name: "ring without deadlines", cfg: store(ratelimit.NewRedisStore(ring, ratelimit.RedisConfig{}), secret), want: []string{"Store: the *redis.Ring has no deadlines; set ContextTimeoutEnabled"}},
		{name: "strange client", cfg: store(ratelimit.NewRedisStore(struct{ redis.UniversalClient }{}, ratelimit.RedisConfig{}), secret), want: []string{"Store: a client of type"}},
		{
			name: "everything at once",
			cfg: ratelimit.Config{
				Rules: []ratelimit.Rule{good, {Pattern: "oops", Name: "x"}},
				Store: ratelimit.NewRedisStore(nil, ratelimit.RedisConfig{Prefix: "a{b}", Timeout: time.Minute, Replicas: -1}),
				ClientIP: ratelimit.ClientIP{
					TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, Header: "X-Real-IP",
				},
			},
			want: []string{
				"Rules[1].Limit: ", "Rules[1].Window: ", "Rules[1].Keys: ", "Rules[1].Pattern: ", "ClientIP.TrustedProxies[0]: ",
				"ClientIP.Header: ", "Store.Timeout: ", "Store.Replicas: ", "Store.Prefix: ", "Secret: ", "Store: ",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, err := ratelimit.New(tt.cfg)
			if len(tt.want) == 0 {
				if err != nil || l == nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || l != nil || !errors.Is(err, ratelimit.ErrConfig) {
				t.Fatalf("got %v, %v", l, err)
			}
			if one, ok := errors.AsType[*ratelimit.ConfigError](err); !ok || one.Package != "ratelimit" || one.Path == "" {
				t.Errorf("no ConfigError: %+v", one)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(lines), len(tt.want), err)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(lines[i], "ratelimit: "+want) {
					t.Errorf("problem %d:\n%s\nwant\n%s", i, lines[i], want)
				}
			}
		})
	}
}

// A later change of the caller's slices changes nothing.
func TestNewCopies(t *testing.T) {
	t.Parallel()
	cfg := ratelimit.Config{
		Rules:    ratelimit.ContactRules("POST /login"),
		ClientIP: ratelimit.ClientIP{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Header: "X-Forwarded-For"},
	}
	l := mustNew(t, cfg)
	cfg.Rules[0].Limit, cfg.Rules[0].Pattern = 1, "GET /other"
	cfg.ClientIP.TrustedProxies[0] = netip.MustParsePrefix("192.0.2.0/24")
	h := l.Middleware(ok)
	for range 2 {
		w := send(h, "POST", "/login", anna, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "198.51.100.1") })
		if w.Code != http.StatusNoContent {
			t.Errorf("the limit changed: %d", w.Code)
		}
	}
	if r := l.Rules()[0]; r.Limit != 20 || r.Pattern != "POST /login" {
		t.Errorf("%+v", r)
	}
	if d, err := l.Allow(t.Context(), "POST /login by ip", "192.0.2.1"); err != nil || d.Remaining != 17 {
		t.Errorf("the trust changed: %+v, %v", d, err)
	}
}

func TestStructsCanGrow(t *testing.T) {
	t.Parallel()
	for _, v := range []any{ratelimit.Config{}, ratelimit.ClientIP{}, ratelimit.Rule{}, ratelimit.Penalty{}, ratelimit.Denial{}, ratelimit.Event{}, ratelimit.Snapshot{}, ratelimit.RuleState{}, ratelimit.StoreState{}, ratelimit.RedisConfig{}} {
		typ := reflect.TypeOf(v)
		if typ.Comparable() || typ.Field(0).Name != "_" {
			t.Errorf("%s can be compared or written without field names", typ)
		}
	}
}
