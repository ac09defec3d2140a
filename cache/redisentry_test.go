package cache_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/cache"
)

// bodies are what may be compressed and what may not.
func bodies() map[string]string {
	random := make([]byte, 5000)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	return map[string]string{
		"empty":                 "",
		"short":                 "body",
		"of 1 KiB":              strings.Repeat("x", 1<<10),
		"above 1 KiB":           strings.Repeat("x", 1<<10+1),
		"that cannot be shrunk": string(random),
		"that shrinks a little": string(random[:4800]) + strings.Repeat("x", 200),
		"large":                 strings.Repeat("body", 100_000),
	}
}

func TestAPageInRedisIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for name, body := range bodies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, small := cache.Encoded(t, "key", body, false), cache.Encoded(t, "key", body, true)
			for _, data := range [][]byte{plain, small} {
				if got, ok := cache.Body(data, "key"); !ok || got != body {
					t.Errorf("got %d bytes, %t", len(got), ok)
				}
				if again, ok := cache.Decode(data, "key"); !ok || !bytes.Equal(again, plain) {
					t.Error("it is another page")
				}
				if _, ok := cache.Decode(data, "kez"); ok {
					t.Error("it is the page of another key")
				}
				step := max(1, len(data)/500)
				for n := 0; n < len(data); n += step {
					if _, ok := cache.Decode(data[:n], "key"); ok {
						t.Errorf("the first %d of %d bytes are a page", n, len(data))
					}
				}
				if _, ok := cache.Decode(append(data[:len(data):len(data)], 0), "key"); ok {
					t.Error("a byte more is a page too")
				}
				other := slices.Clone(data)
				other[0]++
				if _, ok := cache.Decode(other, "key"); ok {
					t.Error("the page of another release is read")
				}
			}
			shrinks := strings.Contains(name, "large") || strings.Contains(name, "above")
			if saved := len(plain) - len(small); shrinks != (saved > 0) || saved > 0 && saved < len(body)/10 {
				t.Errorf("%d bytes, compressed %d", len(plain), len(small))
			}
		})
	}
}

// The length that stands beside a compressed body is a promise: who breaks it
// gets no page, and no memory for it either.
//
// It is not parallel: the memory of others would be counted.
func TestALieAboutALengthIsAMiss(t *testing.T) {
	body := strings.Repeat("body", 10_000)
	data := cache.Encoded(t, "key", body, true)
	length := binary.AppendUvarint(nil, uint64(len(body)))
	at := bytes.Index(data, length)
	if at < 0 || bytes.Contains(data[at+1:], length) {
		t.Fatal("the length is not where it was thought to be")
	}
	for _, lie := range []uint64{0, 1, uint64(len(body)) - 1, uint64(len(body)) + 1, 1 << 20, 64 << 20, 1 << 40, 1<<64 - 1} {
		t.Run(fmt.Sprint(lie), func(t *testing.T) {
			forged := slices.Concat(data[:at], binary.AppendUvarint(nil, lie), data[at+len(length):])
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, ok := cache.Body(forged, "key")
			runtime.ReadMemStats(&after)
			if ok {
				t.Error("it is a page")
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Errorf("%d bytes were made for %d", took, len(forged))
			}
		})
	}
}

// What stands in Redis may be anything: it is a page only where it is written
// as we write, under its own key, and reading it costs no more than its size.
func FuzzDecode(f *testing.F) {
	f.Add(cache.Encoded(f, "key", "body", false), "key")
	f.Add(cache.Encoded(f, "key", strings.Repeat("body", 1000), true), "key")
	f.Add([]byte{2, 0, 3, 'k', 'e', 'y', 0xff, 0xff, 0xff, 0xff, 0x0f}, "key")
	f.Add([]byte{1}, "")
	f.Fuzz(func(t *testing.T, data []byte, key string) {
		again, ok := cache.Decode(data, key)
		if !ok {
			return
		}
		twice, ok := cache.Decode(again, key)
		if !ok || !bytes.Equal(again, twice) {
			t.Fatal("a page that was read cannot be written and read again")
		}
		if _, ok := cache.Decode(data, key+"x"); ok {
			t.Fatal("it is the page of another key too")
		}
		if body, _ := cache.Body(data, key); len(body) > 1032*len(data) {
			t.Fatalf("%d bytes are a body of %d", len(data), len(body))
		}
	})
}

// A list of names is read as it was written, and never taken for another;
// what is too long is everything.
func FuzzLogNames(f *testing.F) {
	f.Add("t:a", "p:/b", []byte{3, 'a'})
	f.Add("", strings.Repeat("x", 1000), []byte{0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, a, b string, garbage []byte) {
		if names, ok := cache.ReadLogNames(string(garbage)); ok && len(names) > len(garbage) {
			t.Fatalf("%q are %d names", garbage, len(names))
		}
		names := []string{a, b}
		got, ok := cache.ReadLogNames(cache.LogNames(names))
		if !ok || len(got) != 2 {
			t.Fatalf("%q are read as %q, %t", names, got, ok)
		}
		for i := range names {
			if len(names[i]) <= 200 && got[i] != names[i] {
				t.Fatalf("%q is read as %q", names[i], got[i])
			}
		}
		if many, _ := cache.ReadLogNames(cache.LogNames(slices.Repeat(names, 10_000))); len(a)+len(b) > 0 && !slices.Equal(many, []string{"*"}) {
			t.Fatalf("20,000 names are read as %d", len(many))
		}
	})
}

// What Redis says of a generation and of a place in the log is read as it is
// written, and as nothing where it is something else.
func FuzzNumbersInRedis(f *testing.F) {
	for _, text := range []string{"1 2", "0 0", "18446744073709551615 1", "18446744073709551616 1", "+1 2", "1-2", "1-", "-1", "1-2-3", " ", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if hard, soft := cache.ParseGeneration(text); hard != 0 || soft != 0 {
			var h, s uint64
			if n, err := fmt.Sscanf(strings.TrimLeft(text, "0"), "%d %d", &h, &s); text[0] != '0' && (n != 2 || err != nil || h != hard || s != soft) {
				t.Fatalf("%q is read as %d %d", text, hard, soft)
			}
		}
		if id, ok := cache.ParseStreamID(text); ok {
			if again, ok := cache.ParseStreamID(id); !ok || again != id {
				t.Fatalf("%q is read as %s, and that as %s", text, id, again)
			}
		}
	})
}
