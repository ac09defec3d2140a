package smoke_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/smoke"
)

func TestScanLog(t *testing.T) {
	t.Parallel()
	awsKey := "AKIA" + "Q3EGRZ7XTUWKLM5N"
	tests := []struct {
		name   string
		log    io.Reader
		status int
		want   string
		hidden string
	}{
		{"clean", strings.NewReader("building\nrelease v7 is live\n"), 0, "ok  scan of standard input", ""},
		{"empty", strings.NewReader(""), 0, "the log is empty: nothing was looked at", ""},
		{"a value of the run in UTF-16", strings.NewReader(wideText("a\nb\nPASSWORD=" + password + "\n")), 1, "line 3: the value of SMOKE_PASSWORD", password},
		{"a value of the run in a part in UTF-16", strings.NewReader("a\n" + wideText("b\nPASSWORD="+password+"\n")), 1, "line 3: the value of SMOKE_PASSWORD", password},
		{"a key by its shape", strings.NewReader("building\nkey " + awsKey + "\n"), 1, "a secret stands in the log: line 2: aws-access-key", awsKey},
		{"a value of the run", strings.NewReader("a\nb\nPASSWORD=" + password + "\n"), 1, "stands in the log: line 3: the value of SMOKE_PASSWORD", password},
		{"a value of the run, byte by byte", iotest.OneByteReader(strings.NewReader("a\nb\n\"" + password + "\"\n")), 1, "line 3: the value of SMOKE_PASSWORD", password},
		{"a value of the run, escaped", strings.NewReader("?p=correct+horse+%26+battery%2Bstaple"), 1, "line 1: the value of SMOKE_PASSWORD", "battery"},
		{"a key before the pipe broke", io.MultiReader(strings.NewReader("key "+awsKey+"\n"), iotest.ErrReader(errors.New("hunter2"))), 1, "also: the log could not be read to its end", "hunter2"},
		{"a broken pipe", io.MultiReader(strings.NewReader("building\n"), iotest.ErrReader(errors.New("hunter2"))), 1, "the log could not be read to its end", "hunter2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{login(seller).Step()}, LookupEnv: credentials}
			var stdout, stderr strings.Builder
			status := smoke.RunCommandOn(t.Context(), cfg, []string{"-scan-log", "-"}, tt.log, &stdout, &stderr, false)
			out := stdout.String()
			if status != tt.status || !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(tt.want), " ")) || stderr.Len() > 0 {
				t.Errorf("status %d, want %d with %q\n%s%s", status, tt.status, tt.want, out, stderr.String())
			}
			if tt.hidden != "" && strings.Contains(out, tt.hidden) {
				t.Errorf("%q shows in\n%s", tt.hidden, out)
			}
			if !strings.Contains(out, "login /login") || strings.Contains(out, "skipped  login") {
				t.Errorf("the steps were not run:\n%s", out)
			}
		})
	}
}

func TestScanLogOfAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "deploy.log")
	if err := os.WriteFile(file, []byte("x\n"+password), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{login(seller).Step()}, LookupEnv: credentials}
	var stdout, stderr strings.Builder
	if status := smoke.RunCommand(t.Context(), cfg, []string{"-scan-log", file}, &stdout, &stderr, false); status != 1 || !strings.Contains(stdout.String(), "line 2: the value of SMOKE_PASSWORD") {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
	if status := smoke.RunCommand(t.Context(), cfg, []string{"-scan-log", file + "x"}, &stdout, &stderr, false); status != 2 || !strings.Contains(stderr.String(), "postdeploy: -scan-log: stat") {
		t.Errorf("status %d\n%s", status, stderr.String())
	}
}

// A secret in the log is a failure also where nobody was there.
func TestScanLogOfADeployThatIsNotThere(t *testing.T) {
	t.Parallel()
	cfg := smoke.Config{URL: "http://127.0.0.1:1", Steps: []smoke.Step{smoke.Page("/")}}
	for log, want := range map[string]int{"building": 3, "key AKIA" + "Q3EGRZ7XTUWKLM5N": 1} {
		var stdout, stderr strings.Builder
		if status := smoke.RunCommandOn(t.Context(), cfg, []string{"-scan-log", "-"}, strings.NewReader(log), &stdout, &stderr, false); status != want {
			t.Errorf("status %d, want %d\n%s", status, want, stdout.String())
		}
	}
}

// A pipe that never ends does not keep the run.
func TestALogThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}, RunTimeout: 50_000_000}
	var stdout, stderr strings.Builder
	if status := smoke.RunCommandOn(t.Context(), cfg, []string{"-scan-log", "-"}, r, &stdout, &stderr, false); status != 1 || !strings.Contains(stdout.String(), "the log did not end before the run was over") {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
}

// Values are found wherever a read cuts them.
func FuzzKnownValues(f *testing.F) {
	f.Add("line 1\nthe password is correct horse", "correct horse", 3)
	f.Add("aaaaab", "aaab", 1)
	f.Fuzz(func(t *testing.T, log, value string, step int) {
		if len(value) < 4 || len(log) > 1<<12 {
			return
		}
		got := smoke.FindValue(log, value, max(1, step%64))
		want := 0
		if before, _, ok := strings.Cut(log, value); ok {
			want = 1 + strings.Count(before, "\n")
		}
		if got != want {
			t.Errorf("%q in %q by %d: line %d, want %d", value, log, step, got, want)
		}
	})
}

// wideText is a text as PowerShell writes it into a file.
func wideText(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte(c)
		b.WriteByte(0)
	}
	return b.String()
}
