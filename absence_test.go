package readiness_test

import (
	"net"
	"strings"
	"testing"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

// TestMapTellsAbsentFromUnknown holds that the launch map says what is proven
// of a host without an address, asked at a server that is named.
func TestMapTellsAbsentFromUnknown(t *testing.T) {
	t.Parallel()
	s := dnstest.Start(t, `
acme.example. TXT "here"
alias.acme.example. CNAME gone.acme.example.
full.acme.example. A 198.51.100.1
`, nil)
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	r := newChecker(t, readiness.Config{
		Domain: "acme.example", Hosts: []string{"absent", "alias", "full"}, Resolvers: []string{"LocalHost:" + port}, ConnectTo: []string{":53:" + s.Addr}, Only: []string{"dns"},
	}).Check(t.Context())
	var markdown strings.Builder
	if err := r.WriteMarkdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"MAP  acme.example -> no address", "MAP  absent.acme.example -> does not exist", "MAP  alias.acme.example -> gone.acme.example -> does not exist", "MAP  full.acme.example -> 198.51.100.1",
	} {
		if !strings.Contains(r.String(), want+"\n") {
			t.Errorf("%q is not in\n%s", want, r)
		}
	}
	if !strings.Contains(markdown.String(), "| absent.acme.example |  | does not exist |") {
		t.Errorf("got %s", markdown.String())
	}
}
