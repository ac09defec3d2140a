package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/worktree"
)

const (
	// gitleaksEnv asks for the scan of the history.
	gitleaksEnv = "SMOKE_GITLEAKS"
	// gitleaksModule is what is run where no gitleaks is installed.
	gitleaksModule = "github.com/zricethezav/gitleaks/v8@v8.30.1"
	// maxGitleaksReport is how much of a report is read.
	maxGitleaksReport = 64 << 20
)

// Gitleaks fails t for every secret that gitleaks finds in the history of the
// git repository of dir: all commits of all branches that the clone has. A
// secret that was committed once and removed later is still there for
// everybody who can clone.
//
//	func TestHistoryHoldsNoSecrets(t *testing.T) { smoke.Gitleaks(t, ".") }
//
// Because this takes its time, t is skipped unless the environment variable
// SMOKE_GITLEAKS is set, as in the job of a pipeline. Then everything that
// keeps the history from being looked at is a failure: a folder outside of a
// git work tree, a repository without a commit, no gitleaks, and a shallow
// clone, which lacks the older commits. CI services make one by default; GitHub's
// actions/checkout needs fetch-depth: 0, GitLab GIT_DEPTH: "0".
//
// It runs gitleaks from PATH, else go run of a pinned release, in a folder and
// with settings that leave every go.mod as it is. The first such run builds
// the program, which takes minutes and needs the Go module proxy. What
// gitleaks ignores is up to its own files, .gitleaks.toml and .gitleaksignore.
func Gitleaks(t testing.TB, dir string) {
	t.Helper()
	if os.Getenv(gitleaksEnv) == "" {
		t.Skipf("the history is looked through for secrets only where the environment variable %s is set, because it takes long", gitleaksEnv)
	}
	found, err := historyLeaks(t.Context(), dir, t.TempDir())
	if err != nil {
		t.Fatalf("the history was not looked through: %v", err)
	}
	for _, f := range found[:min(len(found), maxTold)] {
		t.Errorf("%s: replace the secret with a new one where it is used: from the history it can be taken only by rewriting it; "+
			"if it is none, write its fingerprint into .gitleaksignore", f)
	}
	if more := len(found) - maxTold; more > 0 {
		t.Errorf("and %d more secrets", more)
	}
}

// historyLeak is an entry of gitleaks' report, without the secret and the line
// around it.
type historyLeak struct {
	RuleID, File, Commit, Fingerprint string
	StartLine                         int
}

// String tells where the secret stands.
func (h historyLeak) String() string {
	return fmt.Sprintf("%s:%d in commit %.12s: %s (fingerprint %s)", shownFile(h.File), h.StartLine, h.Commit, h.RuleID, shownFile(h.Fingerprint))
}

// historyLeaks runs gitleaks. temp is an empty folder for what it writes.
func historyLeaks(ctx context.Context, dir, temp string) ([]historyLeak, error) {
	top, err := wholeHistory(ctx, dir)
	if err != nil {
		return nil, err
	}
	report := filepath.Join(temp, "report.json")
	// With exit code 0 for findings, any other one says that it did not work;
	// go run would make them all 1.
	args := []string{"git", "--no-banner", "--no-color", "--log-level", "error", "--redact", "--exit-code", "0", "--report-format", "json", "--report-path", report, top}
	cmd, err := gitleaksCommand(ctx, args)
	if err != nil {
		return nil, err
	}
	stderr := &worktree.Limited{Most: 64 << 10, Drop: true} // go run tells what it downloads
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = temp, stderr, worktree.Grace
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, endOfLog(stderr.String()))
	}
	if troubles := troublesOf(stderr.String()); troubles != "" {
		return nil, fmt.Errorf("gitleaks could not read all of it:\n%s", endOfLog(troubles))
	}
	return readGitleaks(report)
}

// troublesOf are the errors that gitleaks logs. Where git cannot read a commit,
// such a line is all that it does: it goes on to say that nothing was found.
func troublesOf(log string) string {
	var lines []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, " ERR ") || strings.Contains(line, " FTL ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// endOfLog is the end of a long text, where the reason stands.
func endOfLog(text string) string {
	const enough = 2 << 10
	text = strings.TrimSpace(text)
	return text[max(0, len(text)-enough):]
}

// wholeHistory returns the top of a work tree whose clone has every commit.
func wholeHistory(ctx context.Context, dir string) (top string, err error) {
	if top, err = worktree.Top(ctx, dir, worktree.Unbound()); err != nil {
		return "", err
	}
	shallow, err := worktree.Git(ctx, dir, worktree.Unbound(), "rev-parse", "--is-shallow-repository")
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(shallow)) != "false" {
		return "", errors.New("this clone is shallow: its older commits are missing, and nobody can say that they are clean. " +
			"Fetch them with git fetch --unshallow; in CI, clone with fetch-depth: 0 (GitHub) or GIT_DEPTH: \"0\" (GitLab)")
	}
	commit, err := worktree.Git(ctx, dir, worktree.Unbound(), "rev-list", "--all", "-n", "1")
	if err == nil && len(commit) == 0 {
		err = errors.New("the repository has no commit")
	}
	return top, err
}

// gitleaksCommand is the program that is there.
func gitleaksCommand(ctx context.Context, args []string) (*exec.Cmd, error) {
	if path, err := exec.LookPath("gitleaks"); err == nil {
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Env = worktree.Unbound()
		return cmd, nil
	}
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("neither gitleaks nor go is in PATH; install one of them")
	}
	cmd := exec.CommandContext(ctx, path, append([]string{"run", gitleaksModule}, args...)...)
	cmd.Env = outsideModules(worktree.Unbound())
	return cmd, nil
}

// outsideModules is an environment in which go run of another module neither
// reads nor changes the one at hand.
func outsideModules(env []string) []string {
	var flags []string
	for f := range strings.FieldsSeq(os.Getenv("GOFLAGS")) {
		name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if name != "mod" && name != "modfile" && name != "overlay" {
			flags = append(flags, f)
		}
	}
	return append(slices.Clip(env), "GOWORK=off", "GO111MODULE=on", "GOFLAGS="+strings.Join(flags, " "))
}

// readGitleaks reads a report. There has to be one: gitleaks writes it also
// where it has found nothing.
func readGitleaks(path string) (found []historyLeak, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("gitleaks has written no report: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := json.NewDecoder(io.LimitReader(f, maxGitleaksReport)).Decode(&found); err != nil {
		return nil, fmt.Errorf("the report of gitleaks cannot be read: %w", err)
	}
	return found, nil
}
