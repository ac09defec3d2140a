package smoke_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// What a page put into its form opens something too, as its name says.
func TestFieldsThatOpenSomethingAreNotShown(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /reset", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<form method=post><input type=hidden name=reset_token value="Zq81-opens-the-account"><input type=hidden name=api_key value=k-99aabbccddeeff>
			<input type=hidden name=step value=the-second-one><input type=hidden name=code value=closed><input name=title><input type=password name=password></form>`)
	})
	h.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", r.PostFormValue("reset_token"))
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "no account for %s and %s", r.PostFormValue("reset_token"), r.PostFormValue("password"))
	})
	step := smoke.Form{Path: "/reset", Fields: map[string]string{"title": "Drill", "password": "of-the-drill-alone"}}.Step().Writes()
	got := failed(t, checkURL(t, h, step), "500")
	for _, hidden := range []string{"Zq81", "99aabb", "of-the-drill"} {
		if strings.Contains(got.Detail+got.Verdict, hidden) {
			t.Errorf("%s shows in\n%s", hidden, got.Detail)
		}
	}
	for _, shown := range []string{
		">   reset_token = «hidden»\n", ">   api_key = «hidden»\n", ">   step = the-second-one\n", ">   code = closed\n", `--data-urlencode 'reset_token='"$SECRET"`,
		`--data-urlencode 'step=the-second-one'`, "no account for «hidden» and «hidden»", "Server: «hidden»",
	} {
		if !strings.Contains(got.Detail, shown) {
			t.Errorf("%s does not show in\n%s", shown, got.Detail)
		}
	}
}

// A login page is told where to go on, with the token of a link in it.
func TestATokenInAnAddressWithinAnAddressIsNotShown(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /reset", http.RedirectHandler("/login?next=%2Freset%3Ftoken%3DZq81opens", http.StatusSeeOther))
	h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	got := failed(t, checkURL(t, h, smoke.Page("/reset")), "/login?next=%2Freset%3Ftoken%3D«hidden»")
	if strings.Contains(got.Detail+got.Verdict, "Zq81") {
		t.Errorf("%s\n%s", got.Verdict, got.Detail)
	}
}
