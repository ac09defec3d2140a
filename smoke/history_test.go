package smoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

func quick(int64) time.Duration { return 10 * time.Millisecond }

func TestTheTrendOverTheLastTenReleases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		var r smoke.Report
		for i := range 13 {
			cfg := measured(&paced{took: func(int64) time.Duration { return time.Duration(100+i) * time.Millisecond }}, fmt.Sprintf("v%d", i), k.memory(), smoke.Performance{})
			if i%5 == 4 {
				cfg.Note = fmt.Sprintf("index number %d", i)
			}
			for range 1 + i%2 { // a release that was checked twice counts once
				time.Sleep(time.Hour)
				r = checkConfig(t, cfg)
			}
		}
		if len(r.Earlier) != 10 || r.Earlier[0].Release != "v2" || r.Earlier[9].Release != "v11" {
			t.Fatalf("%d earlier releases: %+v", len(r.Earlier), r.Earlier)
		}
		var table strings.Builder
		if err := r.WriteTable(&table); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"performance  n   p50    p95    before       change            slow  failed\nGET /slow    40  112ms  112ms  111ms (v11)  none to speak of  0     0\n",
			"p95 by release  v3     v4     v5     v6     v7     v8     v9     v10    v11    v12\nGET /slow       103ms  104ms  105ms",
			"\nnotes\n    v4 (2000-01-01): index number 4\n    v9 (2000-01-01): index number 9\n",
		} {
			if !strings.Contains(table.String(), want) {
				t.Errorf("no\n%s\nin\n%s", want, table.String())
			}
		}
	})
}

// Runs of another target are another matter.
func TestAnotherTargetIsNotComparedWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		if err := checkConfig(t, measured(&paced{took: quick}, "v1", k.memory(), smoke.Performance{})).Err(); err != nil {
			t.Fatal(err)
		}
		var file struct {
			Version int              `json:"version"`
			Runs    []map[string]any `json:"runs"`
		}
		if err := json.Unmarshal(k.data, &file); err != nil || len(file.Runs) != 1 {
			t.Fatalf("%v in %s", err, k.data)
		}
		file.Runs[0]["target"] = "https://staging.market.example"
		k.data, _ = json.Marshal(file)
		r := checkConfig(t, measured(&paced{took: quick}, "v2", k.memory(), smoke.Performance{}))
		if len(r.Earlier) != 0 || r.Figures[0].Before != 0 {
			t.Errorf("%+v", r.Earlier)
		}
		if !strings.Contains(string(k.data), "staging.market.example") {
			t.Error("the run of the other target is gone")
		}
	})
}

func TestWithoutAMemoryItSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := checkConfig(t, measured(&paced{took: quick}, "v1", nil, smoke.Performance{}))
		if len(r.Info) != 1 || !strings.HasPrefix(r.Info[0], "no earlier release is known, so nothing is compared") {
			t.Errorf("%q", r.Info)
		}
	})
	if r := check(t, newSite(inInput).handler(), smoke.Page("/")); len(r.Info) != 0 {
		t.Errorf("nothing was measured, and it says %q", r.Info)
	}
}

// What cannot be read is neither used nor written over.
func TestAMemoryThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		data string
		err  error
		hang bool
		want string
	}{
		{"not JSON", "half of a fi", nil, false, "what it holds was not written by this library"},
		{"something else", `{"set":["A"]}`, nil, false, "what it holds was not written by this library"},
		{"from the future", `{"version":2,"runs":{}}`, nil, false, "a later version of this library wrote it"},
		{"far too long", `{"version":1,"runs":[]}` + strings.Repeat(" ", 4<<20), nil, false, "what it holds was not written by this library"},
		{"an error with a password", "", errors.New("postgres://u:hunter2@db"), false, "it cannot be read"},
		{"hangs", "", nil, true, "it cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				saved := 0
				m := smoke.MemoryFuncs{
					LoadFunc: func(context.Context) ([]byte, error) {
						if tt.hang {
							time.Sleep(time.Hour)
						}
						return []byte(tt.data), tt.err
					},
					SaveFunc: func(context.Context, []byte) error { saved++; return nil },
				}
				r := checkConfig(t, measured(&paced{took: quick}, "v1", m, smoke.Performance{}))
				told := strings.Join(r.Warnings, "\n")
				if tt.data != "" { // it does not mend itself
					if s := r.Steps[0]; s.Name != "memory" || s.Outcome != smoke.Failed || r.Steps[1].Outcome != smoke.OK {
						t.Errorf("%+v", r.Steps)
					}
					told += r.Steps[0].Verdict
				} else if r.Err() != nil {
					t.Error(r.Err())
				}
				if !strings.Contains(told, tt.want) || strings.Contains(told, "hunter2") {
					t.Error(told)
				}
				if saved != 0 {
					t.Errorf("saved %d times over what could not be read", saved)
				}
				time.Sleep(time.Hour)
			})
		})
	}
}

func TestAMemoryThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, save := range []func() error{func() error { return errors.New("full: hunter2") }, func() error { panic("hunter2") }} {
		m := smoke.MemoryFuncs{
			LoadFunc: func(context.Context) ([]byte, error) { return nil, nil },
			SaveFunc: func(context.Context, []byte) error { return save() },
		}
		r := checkConfig(t, smoke.Config{Handler: newSite(inInput).handler(), Memory: m, Steps: []smoke.Step{smoke.Page("/")}})
		if r.Err() != nil || len(r.Warnings) != 1 || r.Warnings[0] != "this run could not be kept for the next release: it cannot be written" {
			t.Errorf("%v %q", r.Err(), r.Warnings)
		}
	}
}

func TestDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Memory: smoke.Dir(dir), Release: "v1", Note: "first\nof " + password, Steps: []smoke.Step{login(seller).Step()}}
	for range 3 {
		if err := checkConfig(t, cfg).Err(); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "smoke.json")
	data, err := os.ReadFile(file)
	if err != nil || strings.Count(string(data), `"release":"v1"`) != 3 || !strings.Contains(string(data), `"note":"first of «SMOKE_PASSWORD»"`) {
		t.Errorf("%v in %s", err, data)
	}
	if err := os.WriteFile(file, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	r := checkConfig(t, cfg)
	if s := r.Steps[0]; s.Outcome != smoke.Failed || !strings.HasSuffix(s.Verdict, ": see "+file) {
		t.Errorf("%+v", s)
	}
	if now, err := os.ReadFile(file); err != nil || len(now) != len(data)/2 {
		t.Errorf("half a memory was written over: %v, %d bytes", err, len(now))
	}
}

// Two hundred runs are kept, and the last green one of each target longer.
func TestTheMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var k kept
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Memory: k.memory(), Release: "green", Steps: []smoke.Step{smoke.Page("/")}}
	if err := checkConfig(t, cfg).Err(); err != nil {
		t.Fatal(err)
	}
	cfg.Release, cfg.Steps = "red", []smoke.Step{smoke.Page("/nothing")}
	for range 210 {
		checkConfig(t, cfg)
	}
	text := string(k.data)
	if n := strings.Count(text, `"release":"red"`); n != 200 {
		t.Errorf("%d runs are kept", n)
	}
	r := checkConfig(t, cfg)
	if r.LastGreen == nil || r.LastGreen.Release != "green" {
		t.Errorf("the last green release is forgotten: %+v", r.LastGreen)
	}
}

// A memory that grows beyond what is read drops its oldest runs.
func TestTheMemoryStaysReadable(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	var runs []smoke.Run
	for i := range 150 { // as full as it may be
		runs = append(runs, smoke.Run{Release: fmt.Sprintf("v%04d", i), Target: "in-process handler", OK: true, Note: strings.Repeat("n", limit/150-150)})
	}
	data, err := json.Marshal(map[string]any{"version": 1, "runs": runs})
	if err != nil || len(data) > limit {
		t.Fatalf("%v, %d bytes", err, len(data))
	}
	runs[149].Note += strings.Repeat("n", limit-len(data)-100)
	if data, err = json.Marshal(map[string]any{"version": 1, "runs": runs}); err != nil || len(data) > limit {
		t.Fatalf("%v, %d bytes", err, len(data))
	}
	k := kept{data: data}
	for i := range 2 {
		cfg := smoke.Config{Handler: text("Listings"), Memory: k.memory(), Release: fmt.Sprintf("w%d", i), Note: strings.Repeat("n", 300), Steps: []smoke.Step{smoke.Page("/")}}
		r := checkConfig(t, cfg)
		if r.Err() != nil || len(r.Warnings) > 0 || len(k.data) > 4<<20 || !strings.Contains(string(k.data), `"release":"`+cfg.Release+`"`) {
			t.Fatalf("run %d: %d bytes, %v %q", i, len(k.data), r.Err(), r.Warnings)
		}
	}
	if len(k.data) == len(data) || strings.Contains(string(k.data), `"release":"v0000"`) {
		t.Error("nothing was dropped")
	}
}

// What somebody else wrote into a memory is shown as text and no more.
func TestAHostileMemory(t *testing.T) {
	t.Parallel()
	release := "v0\x1b[2J\x07 bob@market.example\nFAKE LINE\n@octocat " + strings.Repeat("long ", 50_000)
	data, err := json.Marshal(map[string]any{"version": 1, "runs": []smoke.Run{{
		Release: release, Target: "in-process handler", OK: true, Note: release,
		Figures: []smoke.Figure{{Name: "GET /", Source: smoke.Calls, N: 40, P95: time.Millisecond, BeforeRelease: release}, {Name: release, Source: "made up", N: 4}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	k := kept{data: data}
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Memory: k.memory(), Steps: []smoke.Step{smoke.Page("/nothing")}}
	cfg.Performance = smoke.Performance{N: 10, Endpoints: []smoke.Step{smoke.Page("/")}}
	r := checkConfig(t, cfg)
	var table, markdown, junit, all strings.Builder
	for _, err := range []error{r.WriteTable(&table), r.WriteMarkdown(&markdown), r.WriteJUnit(&junit), r.WriteJSON(&all)} {
		if err != nil {
			t.Error(err)
		}
	}
	for name, text := range map[string]string{"table": table.String(), "Markdown": markdown.String(), "JUnit": junit.String(), "JSON": all.String()} {
		if strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "bob@") || strings.Contains(text, "\nFAKE LINE") || len(text) > 20_000 {
			t.Errorf("%s: %d bytes\n%.2000s", name, len(text), text)
		}
	}
	if r.Figures[0].Before != time.Millisecond || strings.Contains(markdown.String(), "@octocat") {
		t.Errorf("%+v\n%s", r.Figures[0], markdown.String())
	}
}

// A name of a step may hold what no output shows, and is kept all the same.
func TestNamesAreShownWithoutSecrets(t *testing.T) {
	t.Parallel()
	var k kept
	r := checkConfig(t, smoke.Config{
		Handler: text("Listings"), Memory: k.memory(), SecretHeader: map[string]string{"X-Key": "SMOKE_PASSWORD"},
		Steps:       []smoke.Step{smoke.Page("/?q=correct+horse+%26+battery%2Bstaple").Named("search for " + password)},
		Performance: smoke.Performance{N: 10, Endpoints: []smoke.Step{smoke.Page("/?token=abcdef0123456789"), smoke.Page("/").Named(password)}},
	})
	var all strings.Builder
	if err := errors.Join(r.WriteJSON(&all), r.WriteTable(&all), r.WriteJUnit(&all), r.WriteMarkdown(&all)); err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{password, "abcdef0123456789"} {
		if strings.Contains(all.String(), hidden) || strings.Contains(string(k.data), hidden) {
			t.Errorf("%q shows in\n%s\n%s", hidden, all.String(), k.data)
		}
	}
}

// A run that nobody answered says nothing of the release.
func TestABlindRunIsNotKept(t *testing.T) {
	t.Parallel()
	var k kept
	checkConfig(t, smoke.Config{URL: "http://127.0.0.1:1", Memory: k.memory(), Steps: []smoke.Step{smoke.Page("/")}})
	if k.data != nil {
		t.Errorf("kept: %s", k.data)
	}
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte(`{"version":1,"runs":[{"release":"v1","target":"in-process handler","ok":true,"figures":[{"name":"GET /","source":"calls","n":40,"p50_ms":1.5,"p95_ms":2}]}]}`))
	f.Add([]byte(`{"version":1,"runs":[{"target":"in-process handler","figures":[{"n":-1,"p95_ms":1e308}]}]}`))
	f.Add([]byte(`{"version":1,"runs":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := kept{data: data}
		r := checkConfig(t, smoke.Config{Handler: text("Listings"), Memory: k.memory(), Release: "v2", Steps: []smoke.Step{smoke.Page("/")}})
		unusable := r.Steps[0].Name == "memory"
		if (r.Err() != nil) != unusable {
			t.Fatal(r.Err())
		}
		var out strings.Builder
		for _, err := range []error{r.WriteTable(&out), r.WriteJSON(&out), r.WriteJUnit(&out), r.WriteMarkdown(&out)} {
			if err != nil {
				t.Error(err)
			}
		}
		if !unusable && len(r.Warnings) == 0 && !strings.Contains(string(k.data), `"release":"v2"`) {
			t.Errorf("neither kept nor complained about: %s", k.data)
		}
	})
}
