package gitleaks_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/launchready/readiness/internal/secretscan"
)

// BenchmarkSecrets reads the texts of Go's own net tree and of this library
// with the rules of each, on as many cores as -cpu says.
func BenchmarkSecrets(b *testing.B) {
	root, err := exec.CommandContext(b.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		b.Skip(err)
	}
	for _, tree := range []struct{ name, dir string }{
		{"net", filepath.Join(strings.TrimSpace(string(root)), "src", "net")},
		{"library", filepath.Join("..", "..", "..")},
	} {
		all := texts(b, tree.dir)
		run := func(name string, scan func(text []byte)) {
			b.Run(tree.name+"/"+name, func(b *testing.B) {
				size := 0
				for _, text := range all {
					size += len(text)
				}
				b.SetBytes(int64(size))
				for b.Loop() {
					for _, text := range all {
						scan(text)
					}
				}
			})
		}
		var own secretscan.Scanner
		run("readiness", func(text []byte) {
			if _, err := own.Scan("a", bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		})
		peer, err := detect.NewDetectorDefaultConfig()
		if err != nil {
			b.Fatal(err)
		}
		run("gitleaks", func(text []byte) { peer.DetectBytes(text) })
	}
}

// texts are the Go files of a folder.
func texts(b *testing.B, dir string) (all [][]byte) {
	b.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, text)
		return err
	})
	if err != nil || len(all) < 100 {
		b.Fatalf("%d files, %v", len(all), err)
	}
	return all
}
