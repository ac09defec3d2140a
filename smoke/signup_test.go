package smoke_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/readiness/smoke"
)

const linkToken = "tok-0123456789abcdef"

// club is a site that people join by a link in a mail.
type club struct {
	host                                  string // "" is smoke.test
	burns, loses, clicks, asksAgain, mute bool

	mu     sync.Mutex
	used   bool
	opened int // how often the link was
}

func (c *club) handler() http.Handler {
	h := http.NewServeMux()
	host := cmp.Or(c.host, "smoke.test")
	signIn := func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "0123456789", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	}
	h.HandleFunc("GET /join", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<form method=post><input name=email><input name=password></form>`)
	})
	h.HandleFunc("POST /join", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "look into your mail") })
	h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<form method=post><input name=email><input name=password></form>`)
	})
	h.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if c.asksAgain && r.PostFormValue("password") == password && strings.HasPrefix(r.PostFormValue("email"), "smoke+") {
			signIn(w, r)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	})
	h.HandleFunc("GET "+host+"/confirm", func(w http.ResponseWriter, r *http.Request) {
		if c.loses {
			http.Redirect(w, r, "https://www."+host+"/confirm", http.StatusMovedPermanently)
			return
		}
		http.Redirect(w, r, "https://www."+host+"/confirm?token="+r.FormValue("token"), http.StatusMovedPermanently)
	})
	h.HandleFunc("GET www."+host+"/confirm", func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.opened++
		switch {
		case r.FormValue("token") != linkToken || c.used:
			http.Error(w, "the link is not valid: "+r.FormValue("token"), http.StatusGone)
		case c.clicks:
			_, _ = fmt.Fprintf(w, `<form method=post action=/confirm><input type=hidden name=token value=%s><button>Confirm</button></form>`, linkToken)
		case c.mute:
			http.Redirect(w, r, "/welcome", http.StatusSeeOther)
		default:
			c.used = c.burns
			if c.asksAgain {
				_, _ = fmt.Fprint(w, "confirmed")
				return
			}
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "0123456789", Path: "/", Domain: host, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.Redirect(w, r, "/welcome", http.StatusSeeOther)
		}
	})
	h.HandleFunc("POST www."+host+"/confirm", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("token") != linkToken {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "0123456789", Path: "/", Domain: host, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, "/welcome", http.StatusSeeOther)
	})
	h.HandleFunc("GET /welcome", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "welcome") })
	h.HandleFunc("GET /account", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("session"); err != nil {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		_, _ = fmt.Fprint(w, "account")
	})
	return h
}

func signup(link string, err error) smoke.Signup {
	return smoke.Signup{
		Path: "/join", Account: "/account",
		Fields: map[string]string{"email": "smoke+{run}@market.example"},
		Secret: map[string]string{"password": "SMOKE_PASSWORD"},
		Mailbox: func(_ context.Context, to string) (string, error) {
			if !strings.HasPrefix(to, "smoke+") || strings.Contains(to, "{") {
				return "", fmt.Errorf("asked for %s", to)
			}
			return link, err
		},
	}
}

func TestSignup(t *testing.T) {
	t.Parallel()
	const good = "https://smoke.test/confirm?token=" + linkToken
	tests := []struct {
		name string
		club *club
		link string
		err  error
		want string
	}{
		{"by the link", &club{}, good, nil, ""},
		{"by a click", &club{clicks: true}, good, nil, ""},
		{"and a login", &club{asksAgain: true}, good, nil, ""},
		{"burnt by a scanner", &club{burns: true}, good, nil, "was used up by the first fetch, as mail scanners make one before the person"},
		{"token lost", &club{loses: true}, good, nil, "the redirect from https://smoke.test/confirm to https://www.smoke.test/confirm loses the token of the link"},
		{"broken", &club{}, "https://www.smoke.test/confirm?token=wrong-0123456789", nil, "the link of the mail is broken: GET /confirm?token=«hidden» answered 410 Gone"},
		{"elsewhere", &club{}, "https://other.example/confirm?token=" + linkToken, nil, "the link of the mail leads to the host other.example"},
		{"no address", &club{}, "click here", nil, "the link of the mail is no address"},
		{"no mail", &club{}, "", errors.New("nothing came"), "the mail with the link did not come: nothing came"},
		{"token dropped", &club{mute: true}, good, nil, "the link was opened, and GET /account still asks to sign in; the redirect from https://www.smoke.test/confirm to https://www.smoke.test/welcome dropped the token of the link"},
		{"a link that does nothing", &club{}, "https://www.smoke.test/welcome", nil, "the link was opened, and GET /account still asks to sign in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := checkConfig(t, smoke.Config{
				Handler: tt.club.handler(), Hosts: map[string]string{"www": "https://www.{host}"},
				Steps: []smoke.Step{signup(tt.link, tt.err).Step()},
			})
			if tt.want == "" {
				if err := r.Err(); err != nil {
					t.Errorf("%v\n%s", err, r.Steps[0].Detail)
				}
				return
			}
			got := failed(t, r, tt.want)
			for _, hidden := range []string{linkToken, "wrong-0123456789", password} {
				if strings.Contains(got.Verdict+got.Detail, hidden) {
					t.Errorf("%q shows in %s\n%s", hidden, got.Verdict, got.Detail)
				}
			}
		})
	}
	if _, err := smoke.New(smoke.Config{URL: "https://smoke.test", LookupEnv: credentials, Steps: []smoke.Step{signup(good, nil).Step()}}); err == nil ||
		err.Error() != "smoke: Steps[0]: sign-up /join: would change data of a live target; if that is meant, mark it with Writes" {
		t.Errorf("got %v", err)
	}
	open := http.NewServeMux()
	open.HandleFunc("GET /account", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "for all") })
	failed(t, check(t, open, signup(good, nil).Step()), "GET /account is shown to anybody before the sign-up")
	_, err := smoke.New(smoke.Config{Handler: open, Steps: []smoke.Step{smoke.Signup{Path: "/join"}.Step()}})
	want := `smoke: Steps[0]: sign-up /join: Mailbox needs a function that returns the link of the mail
smoke: Steps[0]: sign-up /join: Account "" must begin with one slash and hold no fragment: name a page that only members see
smoke: Steps[0]: sign-up /join: Fields needs "email", the e-mail address; name another input with EmailField`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
