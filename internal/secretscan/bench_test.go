package secretscan_test

import (
	"bytes"
	"errors"
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

// BenchmarkScanKeywords reads nothing but the beginnings of secrets, in the
// forms that its rules read furthest: the worst cases that are known.
func BenchmarkScanKeywords(b *testing.B) {
	for _, text := range hostile() {
		b.Run(strings.TrimSpace(text[:min(len(text), 24)]), func(b *testing.B) {
			long := strings.Repeat(text, 400_000/len(text))
			var s secretscan.Scanner
			if _, err := s.Scan("a", strings.NewReader(long)); errors.Is(err, secretscan.ErrTooMany) {
				long = strings.Repeat(text, secretscan.MaxFindings-1)
			}
			benchmark(b, [][]byte{[]byte(long)})
		})
	}
}

// hostile are texts that cost much when they are repeated.
func hostile() []string {
	lot := draw(base62, 30, 1)
	return []string{
		"gl" + "pat-", "-gl" + "pat-fake" + lot[:16], "S" + "G.", "sk", "-AI" + "za", "-AI" + "zafake" + lot[:8], "xox" + "b-", ".eyJ" + lot, "eyJ" + lot + ".",
		dashes + "BEGIN PRIVATE KEY" + dashes + "Abc: ", dashes + "BEGIN PRIVATE KEY" + dashes + "Abc: x\n", "LS0tLS1" + "CRUdJTi", "LS0tLS1" + "CRUdJTiBQUklWQVRFIEtFWS0tLS0t",
		"postgres://a:", "postgres://a:b@", "postgres://a:Whale7@b/", "https://a:" + lot + "@b/", "host=a pwd=Whale7 ", " pwd=", `pwd="`, `password="`, "user= pwd=Whale7&", ":5432:", "a:5432:-:", "@tcp(", "a:b@tcp(",
		"tokentokentokentoken=1", `token="a1`, "tokentoken=" + lot + "\n", "awssecret:", "twilio=" + lot[:20], "twilio", "bearer " + lot, "basic " + lot, ` -u a:` + lot, `"auth":"` + lot,
		"-gh" + "s_1_eyJ", ".gh" + "s_1_eyJ" + lot + ".eyJ", " secret/token: ", "token=/" + lot[:8] + "\n", "https://" + lot, "# " + dashes + "BEGIN PRIVATE KEY" + dashes + "\n# ",
		"1:AA", "12345678:AA" + lot,
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
