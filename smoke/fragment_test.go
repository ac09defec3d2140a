package smoke_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// A secret with a raw # in an address loses what follows it, and what is left
// is no longer known for a part of a secret.
func TestASecretThatAFragmentCutsInTwo(t *testing.T) {
	t.Parallel()
	const first, secret = "alpha-bravo", "alpha-bravo#charlie-delta"
	env := func(string) (string, bool) { return secret, true }
	tests := []struct {
		name string
		h    http.Handler
		want string
	}{
		{"redirect", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/next?p="+secret)
			w.WriteHeader(http.StatusFound)
		}), "the Location of its redirect is no address"},
		{"form", text(`<form method=post action="/next?p=` + secret + `"><input name=password></form>`), "has an action that is no address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.NewServeMux()
			h.Handle("/", tt.h)
			h.HandleFunc("/next", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
			step := smoke.Form{Path: "/", Secret: map[string]string{"password": "SMOKE_PASSWORD"}}.Step()
			got := failed(t, checkConfig(t, smoke.Config{Handler: h, LookupEnv: env, Steps: []smoke.Step{step}}), tt.want)
			if strings.Contains(got.Verdict+got.Detail, first) {
				t.Errorf("the first part of the secret shows in %q\n%s", got.Verdict, got.Detail)
			}
		})
	}
}
