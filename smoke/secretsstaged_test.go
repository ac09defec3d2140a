package smoke_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/launchready/readiness/smoke"
)

func TestStagedSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(r repository)
		want string
	}{
		{"nothing", func(repository) {}, ""},
		{"first commit", func(r repository) { r.write("a.txt", secretToken); r.git("add", "-A") }, "a.txt:1 github-token"},
		{"added", func(r repository) {
			r.commit("a.txt", "x")
			r.write("b/c.txt", "\n"+secretToken)
			r.git("add", "-A")
		}, "b/c.txt:2 github-token"},
		{"only in the working tree", func(r repository) {
			r.commit("a.txt", "x")
			r.write("a.txt", "y")
			r.git("add", "-A")
			r.write("a.txt", secretToken)
		}, ""},
		{"taken out of the working tree only", func(r repository) {
			r.write("a.txt", secretToken)
			r.git("add", "-A")
			r.write("a.txt", "x")
		}, "a.txt:1 github-token"},
		{"removed from the working tree only", func(r repository) {
			r.write("a.txt", secretToken)
			r.git("add", "-A")
			if err := os.Remove(filepath.Join(r.dir, "a.txt")); err != nil {
				r.Fatal(err)
			}
		}, "a.txt:1 github-token"},
		{"committed before", func(r repository) {
			r.commit("a.txt", secretToken)
			r.write("b.txt", "x")
			r.git("add", "-A")
		}, ""},
		{"deleted", func(r repository) { r.commit("a.txt", secretToken); r.git("rm", "-q", "a.txt") }, ""},
		{"renamed", func(r repository) { r.commit("a.txt", secretToken); r.git("mv", "a.txt", "b.txt") }, "b.txt:1 github-token"},
		{"to be added later", func(r repository) { r.write("a.txt", secretToken); r.git("add", "-N", "a.txt") }, ""},
		{"names", func(r repository) {
			r.write("a b\n\"c\"\t\xff.txt", secretToken)
			r.write("-z", secretToken)
			r.write(":(top)x", secretToken)
			r.git("add", "-A")
		}, "-z:1 github-token, :(top)x:1 github-token, a b\n\"c\"\t\xff.txt:1 github-token"},
		{"no text", func(r repository) { r.write("a.png", "\x00"+secretToken); r.write("empty", ""); r.git("add", "-A") }, ""},
		{"a link", func(r repository) {
			if err := os.Symlink(secretToken, filepath.Join(r.dir, "link")); err != nil {
				r.Fatal(err)
			}
			r.git("add", "-A")
		}, "link:1 github-token"},
		{"allowed", func(r repository) { r.write("a.txt", secretToken+" readiness:allow"); r.git("add", "-A") }, ""},
		{"settings of the user", func(r repository) {
			for _, setting := range [][]string{{"diff.relative", "true"}, {"diff.external", "false"}, {"diff.mnemonicPrefix", "true"}, {"diff.renames", "copies"}, {"color.ui", "always"}, {"core.quotePath", "true"}} {
				r.git("config", setting[0], setting[1])
			}
			r.write("ä.txt", secretToken)
			r.git("add", "-A")
		}, "ä.txt:1 github-token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			r.write("below/keep", "")
			r.git("add", "-A")
			r.git("commit", "-q", "-m", "below")
			if tt.name == "first commit" {
				r = newRepository(t)
				r.write("below/keep", "")
			}
			tt.do(r)
			for _, dir := range []string{r.dir, filepath.Join(r.dir, "below")} {
				if leaks, err := smoke.StagedSecrets(t.Context(), dir); err != nil || places(leaks) != tt.want {
					t.Errorf("%s: %q, %v, want %q", dir, places(leaks), err, tt.want)
				}
			}
		})
	}
}

func TestStagedSecretsIgnored(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a/b.txt", secretToken)
	r.git("add", "-A")
	staged, err := smoke.StagedSecrets(t.Context(), r.dir)
	if err != nil || len(staged) != 1 {
		t.Fatal(staged, err)
	}
	tracked, err := smoke.Secrets(t.Context(), r.dir)
	if err != nil || len(tracked) != 1 || tracked[0] != staged[0] {
		t.Errorf("%v and %v, %v", staged, tracked, err)
	}
	r.write(".readinessignore", staged[0].Fingerprint)
	if leaks, err := smoke.StagedSecrets(t.Context(), r.dir); err != nil || len(leaks) != 0 {
		t.Error(leaks, err)
	}
}
