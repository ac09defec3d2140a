package smoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/launchready/readiness/smoke"
)

// mailbox asks a catch-all inbox that answers as JSON for the link of the mail
// to an address, as most services for test mail do.
func mailbox(ctx context.Context, to string) (string, error) {
	address := "https://inbox.example/api/latest?to=" + url.QueryEscape(to)
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return "", err
		}
		req.Header.Set("Authorization", "Bearer "+os.Getenv("INBOX_TOKEN"))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", errors.New("the inbox does not answer") // its error may hold the address
		}
		var mail struct {
			Links []string `json:"links"`
		}
		err = json.NewDecoder(resp.Body).Decode(&mail)
		if errors.Join(err, resp.Body.Close()) == nil && len(mail.Links) > 0 {
			return mail.Links[0], nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// Somebody types market.example, signs up, and opens the link of the mail.
// The form may ask for a click on the page of the link: a page with a form
// that sends the token is the way by which mail scanners use no link up.
func ExampleSignup() {
	_, err := smoke.New(smoke.Config{
		URL: "https://market.example", // the sign-up begins at http://market.example/join
		Steps: []smoke.Step{
			smoke.Signup{
				Path:    "/join",
				Fields:  map[string]string{"email": "smoke+{run}@market.example"},
				Secret:  map[string]string{"password": "SMOKE_PASSWORD"},
				Mailbox: mailbox,
				Account: "/account",
			}.Step().Writes().Owner("accounts"),
		},
		LookupEnv: func(string) (string, bool) { return "a password of the check", true },
	})
	fmt.Println(err)
	// Output:
	// <nil>
}

// What a login takes is read from the service, which has to serve the
// SnapshotHandler of the package metrics under that path.
func ExampleLive() {
	_, err := smoke.New(smoke.Config{
		URL:    "https://market.example",
		Memory: smoke.Dir(".readiness"),
		Steps:  []smoke.Step{smoke.Page("/")},
		Performance: smoke.Performance{
			Live: smoke.Live{Path: "/metrics/snapshot", Secret: "METRICS_TOKEN", Routes: []string{"/login", "/orders/{id}"}},
		},
		LookupEnv: func(string) (string, bool) { return "", false },
	})
	fmt.Println(err)
	// Output:
	// smoke: Performance.Live.Secret: the environment variable METRICS_TOKEN is not set
}
