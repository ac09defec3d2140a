package readiness_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness"
)

// release checks an environment that remembers the one before.
func release(t *testing.T, m readiness.Memory, vars map[string]string, env ...readiness.EnvVar) readiness.Report {
	t.Helper()
	return newChecker(t, readiness.Config{Env: env, LookupEnv: lookup(vars), Memory: m}).Check(t.Context())
}

func TestVariableThatVanished(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	m := readiness.Dir(dir)
	smtp, key, mode := readiness.EnvVar{Name: "SMTP_URL", Optional: true}, readiness.EnvVar{Name: "KEY", Secret: true}, readiness.EnvVar{Name: "MODE"}
	all := map[string]string{"SMTP_URL": "smtp://mail", "KEY": "Vq8dL2mZ0rT6", "MODE": "live"}

	first := release(t, m, all, smtp, key, mode)
	if len(first.Findings) > 0 || !strings.Contains(first.String(), "no earlier release is known") {
		t.Errorf("the first release is %v", first)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "readiness.json"))
	if err != nil || string(kept) != `{"version":1,"set":["KEY","MODE","SMTP_URL"]}` {
		t.Errorf("%v, %s is kept", err, kept)
	}
	for range 2 { // it stays a finding for as long as it is missing
		second := release(t, m, map[string]string{"MODE": "live"}, smtp, key, mode)
		if strings.Contains(second.String(), "no earlier release") || len(second.Findings) != 2 {
			t.Fatalf("the second release is %v", second)
		}
		if f := second.Findings[0]; f.Code != "env.missing" || len(f.Evidence) != 1 || f.Evidence[0] != "KEY was set in the last release and is missing now" {
			t.Errorf("got %+v", f)
		}
		if f := second.Findings[1]; f.Code != "env.vanished" || f.Severity != readiness.High || f.Subject != "SMTP_URL" {
			t.Errorf("got %+v", f)
		}
	}
	if third := release(t, m, map[string]string{"MODE": "live"}, mode); len(third.Findings) > 0 {
		t.Errorf("a variable that is no longer declared is missed: %v", third)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, left behind: %v", err, left)
	}
}

func TestMemoryOfNobody(t *testing.T) {
	t.Parallel()
	r := release(t, nil, map[string]string{"A": "x"}, readiness.EnvVar{Name: "A"})
	if got, want := r.String(), "environment: 1 variable checked, nothing found\nno earlier release is known\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// broken is a Memory that fails in one way or another.
type broken struct {
	data  string
	load  error
	save  error
	hangs chan struct{}
}

func (b broken) Load(context.Context) ([]byte, error) {
	if b.hangs != nil {
		<-b.hangs
	}
	return []byte(b.data), b.load
}

func (b broken) Save(context.Context, []byte) error {
	if b.save == nil {
		panic("nothing may be saved over what a later version wrote")
	}
	return b.save
}

func TestMemoryThatFailsIsUnknown(t *testing.T) {
	t.Parallel()
	secret := errors.New("redis://:hunter2@cache: refused")
	tests := []struct {
		name string
		m    broken
		want string
	}{
		{"load", broken{load: secret}, "it cannot be read"},
		{"save", broken{save: secret}, "it cannot be written"},
		{"panic", broken{}, "it cannot be written"},
		{"foreign, and read-only", broken{data: "hello", save: secret}, "it cannot be written"},
		{"a later version", broken{data: `{"version":2,"set":[]}`}, "a later version of this library wrote it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := release(t, tt.m, map[string]string{"A": "x"}, readiness.EnvVar{Name: "A"})
			if len(r.Findings) > 0 || len(r.Unknown) != 1 || r.Unknown[0].Code != "env.memory" || !strings.HasSuffix(r.Unknown[0].Title, tt.want) {
				t.Errorf("got %+v", r.Unknown)
			}
			if strings.Contains(r.String(), "hunter2") {
				t.Error("the error is shown")
			}
		})
	}
	t.Run("hangs", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			hangs := make(chan struct{})
			defer close(hangs)
			began := time.Now()
			r := release(t, broken{hangs: hangs}, map[string]string{"A": "x"}, readiness.EnvVar{Name: "A"})
			if took := time.Since(began); took != 9500*time.Millisecond || len(r.Unknown) != 1 {
				t.Errorf("%v after %v", r, took)
			}
		})
	})
}

// TestDamagedMemoryHeals holds that what cannot be read is told once, and then
// replaced.
func TestDamagedMemoryHeals(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{"foreign": "hello", "cut": `{"version":1,"se`, "huge": `{"version":1,"set":["` + strings.Repeat("A", 1<<20) + `"]}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "readiness.json")
			if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			m, a := readiness.Dir(filepath.Dir(file)), readiness.EnvVar{Name: "A"}
			r := release(t, m, map[string]string{"A": "x"}, a)
			if len(r.Findings) > 0 || len(r.Unknown) != 1 || r.Unknown[0].Code != "env.memory" || !strings.Contains(r.Unknown[0].Fix, file) || !strings.Contains(r.String(), r.Unknown[0].Fix) {
				t.Errorf("at first: %v", r)
			}
			if r = release(t, m, nil, a); len(r.Unknown) > 0 || len(r.Findings) != 1 || len(r.Findings[0].Evidence) != 1 {
				t.Errorf("then: %v, %+v", r, r.Findings)
			}
		})
	}
}

// FuzzMemory holds that nothing in the place of a memory makes a finding of
// what is set, nor a panic.
func FuzzMemory(f *testing.F) {
	f.Add(`{"version":1,"set":["A","B"]}`)
	f.Add(`{"version":1,"set":null}`)
	f.Add(`{"version":1,"set":["\u0000",""]}`)
	f.Fuzz(func(t *testing.T, data string) {
		r := release(t, broken{data: data, save: errors.New("read-only")}, map[string]string{"A": "x"}, readiness.EnvVar{Name: "A"})
		if len(r.Findings) > 0 {
			t.Fatalf("%q gives %v", data, r)
		}
	})
}
