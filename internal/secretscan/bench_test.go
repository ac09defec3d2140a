package secretscan_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/secretscan"
)

// BenchmarkScan reads this library and the net packages of Go, file by file.
func BenchmarkScan(b *testing.B) {
	root, err := exec.CommandContext(b.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		b.Skip(err)
	}
	for name, dir := range map[string]string{"library": "../..", "net": filepath.Join(strings.TrimSpace(string(root)), "src", "net")} {
		b.Run(name, func(b *testing.B) { benchmark(b, texts(b, dir)) })
	}
}

// BenchmarkScanKeywords reads nothing but one keyword over and over, in the
// forms that its rules read furthest, which is the worst case.
func BenchmarkScanKeywords(b *testing.B) {
	for _, after := range []string{"", " ", "-", "a=", `"`, ":", "aaaaaaaaaa."} {
		for _, word := range secretscan.Keywords() {
			b.Run(word+after, func(b *testing.B) {
				benchmark(b, [][]byte{[]byte(strings.Repeat(word+after, 200_000/len(word+after)))})
			})
		}
	}
}

func benchmark(b *testing.B, texts [][]byte) {
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	var s secretscan.Scanner
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			if _, err := s.Scan("a", bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// texts are the text files of a folder.
func texts(b *testing.B, dir string) (all [][]byte) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && !secretscan.Binary(text) {
			all = append(all, text)
		}
		return err
	})
	if err != nil {
		b.Skip(err)
	}
	return all
}
