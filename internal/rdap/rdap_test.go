package rdap_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/rdap"
)

const list = `{"version":"1.0","services":[
 [["com","net"],["https://rdap.registry.test/com/v1/"]],
 [["example"],["http://rdap.nic.test/","https://rdap.nic.test"]],
 [["Deep.Example."],["https://deep.nic.test/"]],
 [["old"],["http://rdap.old.test/"]],
 [["bad"],["https://u:p@rdap.bad.test/","https:///x","::"]]]}`

func TestQuery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, list, domain, want string }{
		{"as it is", list, "acme.com", "https://rdap.registry.test/com/v1/domain/acme.com"},
		{"https before http", list, "acme.example", "https://rdap.nic.test/domain/acme.example"},
		{"the longest counts", list, "acme.deep.example", "https://deep.nic.test/domain/acme.deep.example"},
		{"no https", list, "acme.old", ""},
		{"nothing usable", list, "acme.bad", ""},
		{"not there", list, "acme.test", ""},
		{"the end of a label", list, "acmecom", ""},
		{"no JSON", "<html>", "acme.com", ""},
		{"another shape", `{"services":[["com"]]}`, "acme.com", ""},
		{"half an entry", `{"services":[[["com"]]]}`, "acme.com", ""},
		{"empty", `{}`, "acme.com", ""},
		{"too long", list + strings.Repeat(" ", rdap.MaxBody), "acme.com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := rdap.Query([]byte(tt.list), tt.domain); got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	const (
		card = `["vcard",[["version",{},"text","4.0"],["fn",{},"text","Good\n Registrar\tInc."]]]`
		end  = `{"eventAction":"expiration","eventDate":"2027-01-31T10:00:00+02:00"}`
		ends = "2027-01-31T08:00:00Z"
	)
	domain := func(rest string) string {
		return `{"objectClassName":"domain","ldhName":"ACME.example."` + rest + `}`
	}
	entities := func(role, card string) string {
		return `,"entities":[{"roles":["abuse"],"vcardArray":` + card + `},{"roles":["` + role + `"],"vcardArray":` + card + `}]`
	}
	for _, tt := range []struct {
		name, in, ends, lapsed, registrar string
		ok                                bool
	}{
		{"all", domain(`,"events":[{"eventAction":"registration","eventDate":"x"},` + end + `]` + entities("registrar", card)), ends, "", "Good Registrar Inc.", true},
		{"end alone", domain(`,"events":[` + end + `]`), ends, "", "", true},
		{"twice the same", domain(`,"events":[` + end + `,` + end + `]`), ends, "", "", true},
		{"twice, another", domain(`,"events":[` + end + `,{"eventAction":"expiration","eventDate":"2028-01-31T10:00:00Z"}]`), "", "", "", false},
		{"the registrar's end is another", domain(`,"events":[{"eventAction":"registrar expiration","eventDate":"2027-01-31T10:00:00Z"}]`), "", "", "", false},
		{"no end, but a registrar", domain(entities("registrar", card)), "", "", "Good Registrar Inc.", false},
		{"in redemption", domain(`,"status":["client hold","Redemption Period"]`), "", "redemption period", "", true},
		{"no time", domain(`,"events":[{"eventAction":"expiration","eventDate":"2027-01-31"}]`), "", "", "", false},
		{"card of another shape", domain(`,"events":[` + end + `]` + entities("registrar", `["vcard",{}]`)), ends, "", "", true},
		{"name of another shape", domain(`,"events":[` + end + `]` + entities("registrar", `["vcard",[["fn",{},"text",7],["fn"],[]]]`)), ends, "", "", true},
		{"no registrar", domain(`,"events":[` + end + `]` + entities("technical", card)), ends, "", "", true},
		{"another domain", `{"objectClassName":"domain","ldhName":"other.example","events":[` + end + `]}`, "", "", "", false},
		{"another object", `{"objectClassName":"entity","ldhName":"acme.example","events":[` + end + `]}`, "", "", "", false},
		{"an error", `{"errorCode":404,"title":"Not Found"}`, "", "", "", false},
		{"no JSON", `<html>`, "", "", "", false},
		{"too long", domain(`,"events":[`+end+`]`) + strings.Repeat(" ", rdap.MaxBody), "", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := rdap.Read([]byte(tt.in), "acme.example")
			text := ""
			if !got.Ends.IsZero() {
				text = got.Ends.Format(time.RFC3339)
			}
			if text != tt.ends || got.Lapsed != tt.lapsed || got.Registrar != tt.registrar || (err == nil) != tt.ok {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"objectClassName":"domain","ldhName":"acme.example","events":[{"eventAction":"expiration","eventDate":"2027-01-31T10:00:00Z"}]}`)
	f.Add(`{"objectClassName":"domain","ldhName":"acme.example","status":["pending delete"],"entities":[{"roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text","A"]]]}]}`)
	f.Add(list)
	f.Add(`[[[[`)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := rdap.Read([]byte(s), "acme.example")
		if err == nil && r.Ends.IsZero() && r.Lapsed == "" {
			t.Errorf("nothing is told, and no error: %q", s)
		}
		if err != nil && !r.Ends.IsZero() {
			t.Errorf("an end beside %v: %q", err, s)
		}
		if n := utf8.RuneCountInString(r.Registrar); n > 80 || strings.ContainsAny(r.Registrar, "\r\n") {
			t.Errorf("the registrar is %q", r.Registrar)
		}
		if at, err := rdap.Query([]byte(s), "acme.example"); err == nil && (!strings.HasPrefix(at, "https://") || !strings.HasSuffix(at, "/domain/acme.example")) {
			t.Errorf("%q of %q", at, s)
		}
	})
}

func BenchmarkQuery(b *testing.B) {
	var long strings.Builder
	long.WriteString(`{"services":[`)
	for range 1200 {
		long.WriteString(`[["aaa","bbb"],["https://rdap.nic.test/"]],`)
	}
	text := []byte(long.String() + `[["example"],["https://rdap.nic.test/"]]]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rdap.Query(text, "acme.example"); err != nil {
			b.Fatal(err)
		}
	}
}
