package readiness_test

import (
	"testing"

	"github.com/launchready/readiness"
)

// TestShowURL checks that nothing of a person stands in what is shown.
func TestShowURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://u:p@acme.example/a/b?x=1#f":                                   "https://acme.example/a/b?…",
		"https://acme.example":                                                 "https://acme.example",
		"mailto:ana@acme.example?subject=x":                                    "mailto:…",
		"tel:123":                                                              "tel:…",
		"https://acme.example/u/ana@acme.example/x":                            "https://acme.example/u/…/x",
		"https://acme.example/u/ana%40acme.example":                            "https://acme.example/u/…",
		"https://acme.example/reset/abcdefgh12345678":                          "https://acme.example/reset/…",
		"https://acme.example/invite/550e8400-e29b-41d4-a716-446655440000/":    "https://acme.example/invite/…/",
		"https://acme.example/a;jsessionid=0a1b2c3d4e5f6071":                   "https://acme.example/…",
		"https://acme.example/blog/2026-how-to-use-oauth2-in-your-application": "https://acme.example/blog/2026-how-to-use-oauth2-in-your-application",
		"https://acme.example/marketplaceforequipment/20261123142001234":       "https://acme.example/marketplaceforequipment/20261123142001234",
		"https://acme.example/a%20b/%E2%82%AC":                                 "https://acme.example/a%20b/%E2%82%AC",
		"https://[2001:db8::1]:8443/a":                                         "https://[2001:db8::1]:8443/a",
		"%zz":                                                                  "(not a URL)",
	} {
		if got := readiness.ShowURL(url); got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}
