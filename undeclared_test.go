package readiness_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/launchready/readiness"
)

// tree writes files into a folder of the test.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestUndeclared(t *testing.T) {
	t.Parallel()
	reads := func(name string) string {
		return "package p\nimport \"os\"\nvar _ = os.Getenv(\"" + name + "\")\n"
	}
	dir := tree(t, map[string]string{
		"go.mod":              "module m\n",
		"main.go":             "package main\nimport env \"os\"\nfunc main() { _, _ = env.LookupEnv(key); _ = env.Getenv(`PORT`); f := env.Getenv; _ = f(\"NOT_SEEN\") }\n",
		"names.go":            "package main\nconst (\n\tprefix = \"X\"\n\tkey = \"SMTP_\" + \"URL\"\n)\n",
		"deep/er/a.go":        "package er\nimport (\n\t. \"os\"\n\t\"syscall\"\n)\nvar _ = Getenv(\"DOT\")\nfunc f() { _, _ = syscall.Getenv(\"SYS\") }\n",
		"other/os.go":         "package other\nimport os \"example.com/os\"\nvar _ = os.Getenv(\"NO_ENVIRONMENT\")\n",
		"a_test.go":           reads("IN_TEST"),
		"vendor/v/v.go":       reads("IN_VENDOR"),
		"testdata/t.go":       reads("IN_TESTDATA"),
		".git/g.go":           reads("IN_GIT"),
		"nested/go.mod":       "module n\n",
		"nested/n.go":         reads("IN_NESTED"),
		"node_modules/x/x.go": reads("IN_NODE"),
		"expand.go":           "package main\nimport \"os\"\nvar _ = os.ExpandEnv(\"$HOST_A:${PORT_B}/$1$$\")\n",
		"twice.go":            "package main\nimport \"os\"\nvar _, _ = os.Getenv(\"DOT\"), os.Getenv(\"DOT\")\nvar _ = os.Getenv(\"A\" + os.Getenv(\"B\"))\n",
	})
	launch := newChecker(t, readiness.Config{Env: []readiness.EnvVar{{Name: "PORT"}, {Name: "UNUSED"}}})
	got, err := launch.Undeclared(dir)
	if want := []string{"B", "DOT", "HOST_A", "PORT_B", "SMTP_URL", "SYS"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := launch.Undeclared(filepath.Join(dir, "absent")); err == nil {
		t.Error("a folder that is missing is no error")
	}
	if _, err := launch.Undeclared(tree(t, map[string]string{"x.go": "package"})); err == nil {
		t.Error("a file that does not parse is no error")
	}
}

// TestUndeclaredFollowsConstants holds that a name is found however the
// constants that make it up are written, and through a symbolic link.
func TestUndeclaredFollowsConstants(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"a.go": "package p\nimport \"os\"\nconst Name = pre + \"B\"\nvar _ = os.Getenv(Name)\nvar _ = os.Getenv(string(Typed))\nvar _ = os.Getenv(string(Key(\"CONVERTED\")))\n" +
			"var _ = os.Getenv(loop)\nvar _ = os.Getenv(other(\"NO_CONVERSION\"))\nvar _ = os.Getenv(Again)\nvar _ = os.Getenv(Made)\n",
		"b.go": "package p\nconst pre = \"A_\"\ntype Key string\nconst Typed Key = \"TYPED_\" + \"C\"\nconst loop = pool\nconst pool = loop\nfunc other(s string) string { return s }\n" +
			"const (\n\tFirst = pre + \"SAME\"\n\tAgain\n)\nconst Made = string(Key(\"MADE\"))\n",
	})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("no symbolic links here")
	}
	for _, dir := range []string{dir, link} {
		got, err := newChecker(t, readiness.Config{}).Undeclared(dir)
		if want := []string{"A_B", "A_SAME", "CONVERTED", "MADE", "TYPED_C"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", dir, got, err, want)
		}
	}
}
