package redact_test

import (
	"net/url"
	"testing"

	"github.com/launchready/readiness/internal/redact"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"/login?next=/list&page=2":                                   "/login?next=/list&page=2",
		"/login?next=%2Flist%3Fpage%3D2%26sort%3Dprice":              "/login?next=%2Flist%3Fpage%3D2%26sort%3Dprice",
		"/login?token=Zq81opens":                                     "/login?token=«hidden»",
		"/login?next=%2Freset%3Ftoken%3DZq81opens":                   "/login?next=%2Freset%3Ftoken%3D«hidden»",
		"/login?next=/reset?token=Zq81opens&page=2":                  "/login?next=/reset?token=«hidden»&page=2",
		"/login?next=%2Freset%3Fpage%3D2%26token%3DZq81opens":        "/login?next=%2Freset%3Fpage%3D2%26token%3D«hidden»",
		"/a?next=%2Fb%3Fnext%3D%252Fc%253Ftoken%253DZq81opens&x=1":   "/a?next=%2Fb%3Fnext%3D%252Fc%253Ftoken%253D«hidden»&x=1",
		"/a?to=https%3A%2F%2Fa.example%2F%23access_token%3DZq81open": "/a?to=https%3A%2F%2Fa.example%2F%23access_token%3D«hidden»",
		"/a?next=%2Fb%3Fcode%3D404":                                  "/a?next=%2Fb%3Fcode%3D«hidden»",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := redact.Path(u); got != want {
			t.Errorf("%s became %s, want %s", address, got, want)
		}
		if got := knows("NAME", "hunter22").Address(address); got != want {
			t.Errorf("%s became %s, want %s", address, got, want)
		}
	}
}
