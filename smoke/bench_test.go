package smoke_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// BenchmarkPageInProcess is a run of one step, with the server that is made
// for it.
func BenchmarkPageInProcess(b *testing.B) {
	benchmarkPages(b, 1)
}

// BenchmarkHundredPagesInProcess shows what one more step costs.
func BenchmarkHundredPagesInProcess(b *testing.B) {
	benchmarkPages(b, 100)
}

func benchmarkPages(b *testing.B, n int) {
	body := []byte("<!doctype html><title>Market</title><h1>Listings</h1>" + strings.Repeat("<p>A drill, as new.</p>", 100))
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	var steps []smoke.Step
	for range n {
		steps = append(steps, smoke.Page("/").Contains("Listings"))
	}
	c, err := smoke.New(smoke.Config{Handler: h, Steps: steps})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFindToken reads a page of 100 KB.
func BenchmarkFindToken(b *testing.B) {
	doc := []byte(strings.Repeat(`<p class="x">A drill, <a href="/listings/1">as new</a>.</p>`, 1700) + `<form><input name=csrf value=0123456789></form>`)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if v, _, _ := smoke.FindToken(doc, nil); v == "" {
			b.Fatal("not found")
		}
	}
}
