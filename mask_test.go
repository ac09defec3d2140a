package readiness_test

import (
	"testing"

	"github.com/launchready/readiness"
)

func TestMaskAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"no address", "acme.example has no MX", "acme.example has no MX"},
		{"one", "redirects to ann@acme.example today", "redirects to …@acme.example today"},
		{"in a record", "rua=mailto:ann@acme.example,mailto:bob@b.example", "rua=mailto:…@acme.example,mailto:…@b.example"},
		{"a quoted name", `to "ann lee"@acme.example`, `to "…@acme.example`},
		{"an address for a name", "ann@[192.0.2.1]", "…@[192.0.2.1]"},
		{"a name beyond ASCII", "ann@müller.example, ann@ümlaut.example", "…@müller.example, …@ümlaut.example"},
		{"masked before", "…@acme.example", "…@acme.example"},
		{"the apex", `enter it under "@", or as @`, `enter it under "@", or as @`},
		{"a server to ask", "dig @<name server> acme.example; dig @ns1.acme.example", "dig @<name server> acme.example; dig @ns1.acme.example"},
		{"a template", "write rua=mailto:NAME@DOMAIN", "write rua=mailto:NAME@DOMAIN"},
		{"no template of ours", "xdmarc@acme.example", "…@acme.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := readiness.MaskAddresses(tt.text, "mailto:NAME@"); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
