package mailrecord_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/mailrecord"
)

// hostile are texts of 64 KiB, the most that a TXT record holds, that a parser
// which looks back would take long over.
func hostile() map[string]string {
	const size = 1 << 16
	fill := func(head, s string) string { return head + strings.Repeat(s, (size-len(head))/len(s)) }
	return map[string]string{
		"terms": fill("v=spf1 ", "a "), "words": fill("v=spf1 ", "x "), "blanks": fill("v=spf1", " "), "one word": fill("v=spf1 include:", "a"),
		"labels": fill("v=spf1 include:", "a."), "macros": fill("v=spf1 include:", "%{d}"), "literals": fill("v=spf1 exists:", "%%"), "open macros": fill("v=spf1 exists:", "%{"),
		"slashes": fill("v=spf1 a", "/"), "addresses": fill("v=spf1 ", "ip4:192.0.2.1 "), "glued": fill("v=spf1 ip4:", "ip4:"), "self": fill("v=spf1 ", "include:a.example "),
		"message": fill("v=spf1 ", "exists:%{i}.a.example "), "many": fill("v=spf1 ", "redirect=a.example "), "at": fill("v=spf1 include:", "@"), "quotes": fill("v=spf1 ", `"@`),
		"tags": fill("v=DMARC1;", "p=none;"), "semicolons": fill("v=DMARC1;", ";"), "reports": fill("v=DMARC1;rua=", "mailto:a@b.example,"), "commas": fill("v=DMARC1;rua=", ","),
		"key": fill("v=DKIM1;p=", "A"), "flags": fill("v=DKIM1;t=", "y:"), "equals": fill("v=DKIM1;p", "="), "lines": fill("version: STSv1\n", "mx: a.example\n"),
		"colons": fill("v=TLSRPTv1;rua=", ":"), "octets": fill("", "\xff"),
	}
}

func readAll(t testing.TB, text string) (problems []mailrecord.Problem) {
	t.Helper()
	strs := make([]string, len(text)) // the worst split
	for i := range strs {
		strs[i] = text[i : i+1]
	}
	_, a := mailrecord.ParseSPF(strs...)
	_, b := mailrecord.ParseDKIM(strs...)
	_, c := mailrecord.ParseDMARC(strs...)
	_, d := mailrecord.ParseSTSPolicy(text)
	_, e := mailrecord.ParseTLSRPT(text)
	_, f := mailrecord.ParseSTS(text)
	g := mailrecord.WalkSPF(t.Context(), "a.example", fuzzZone{"a.example": text}).Problems
	for _, p := range [][]mailrecord.Problem{a, b, c, d, e, f, g} {
		problems = append(problems, p...)
	}
	return problems
}

// TestHostileRecordsAreBounded runs alone, as it counts what is allocated: a
// parser that looks back or copies the rest for each word takes 200 MiB.
func TestHostileRecordsAreBounded(t *testing.T) {
	for name, text := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		problems := readAll(t, text)
		runtime.ReadMemStats(&after)
		if len(problems) == 0 || len(problems) > 200 {
			t.Errorf("%s: %d problems", name, len(problems))
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 128<<20 {
			t.Errorf("%s: %d MiB allocated", name, used>>20)
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, text := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				readAll(b, text)
			}
		})
	}
}
