package statefile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/launchready/readiness/internal/statefile"
)

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	f := statefile.File{Dir: filepath.Join(t.TempDir(), "a", "b"), Name: "x.json", Max: 8}
	if data, err := f.Load(); err != nil || data != nil {
		t.Fatalf("nothing was saved, and Load returns %q, %v", data, err)
	}
	for _, text := range []string{"first", "2nd"} {
		if err := f.Save([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := f.Load(); err != nil || string(data) != text {
			t.Fatalf("Load returns %q, %v, want %q", data, err, text)
		}
	}
	if err := f.Save([]byte("much too long")); err != nil {
		t.Fatal(err)
	}
	if data, err := f.Load(); err != nil || len(data) != 9 {
		t.Errorf("Load read %d bytes, %v, want one more than Max", len(data), err)
	}
	if entries, err := os.ReadDir(f.Dir); err != nil || len(entries) != 1 {
		t.Errorf("%d files in the folder, %v, want 1", len(entries), err)
	}
}

func TestManySaveAtOnce(t *testing.T) {
	t.Parallel()
	f := statefile.File{Dir: t.TempDir(), Name: "x.json", Max: 1 << 20}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			whole := bytes.Repeat([]byte{'a' + byte(i)}, 1<<16)
			for range 5 {
				if err := f.Save(whole); err != nil {
					t.Error(err)
				}
				data, err := f.Load()
				if err != nil || len(data) != len(whole) || bytes.Count(data, data[:1]) != len(data) {
					t.Errorf("half of a document: %d bytes, %v", len(data), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := statefile.File{Dir: filepath.Join(file, "below"), Name: "x.json", Max: 8}
	if err := f.Save(nil); err == nil {
		t.Error("Save below a file returns no error")
	}
	if err := f.Try(); err == nil {
		t.Error("Try below a file returns no error")
	}
	if _, err := f.Load(); err == nil {
		t.Error("Load below a file returns no error")
	}
}

func TestTryLeavesNothing(t *testing.T) {
	t.Parallel()
	f := statefile.File{Dir: filepath.Join(t.TempDir(), "a"), Name: "x.json", Max: 8}
	if err := f.Try(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(f.Dir); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}
