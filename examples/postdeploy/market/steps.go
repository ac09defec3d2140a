package market

import (
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/launchready/readiness/smoke"
)

// The administrator of a marketplace that runs without any environment, and
// the password of the two people whom the steps sign up.
const (
	developmentAdmin         = "admin@market.example"
	developmentAdminPassword = "review the queue"
	developmentPassword      = "a person who smokes nothing"
)

// LookupEnv is os.LookupEnv, with the development administrator and a
// password for the two new accounts where the environment names none and the
// command line names a marketplace on this machine.
func LookupEnv(name string) (string, bool) {
	if value := os.Getenv(name); value != "" {
		return value, true
	}
	if !slices.ContainsFunc(os.Args[1:], local) {
		return "", false
	}
	return Development(name)
}

// local reports whether an argument is an address of this machine.
func local(arg string) bool {
	u, err := url.Parse(strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(arg, "-"), "url="), "-"))
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Development is LookupEnv for a marketplace that runs without any
// environment.
func Development(name string) (string, bool) {
	switch name {
	case "ADMIN_EMAIL":
		return developmentAdmin, true
	case "ADMIN_PASSWORD":
		return developmentAdminPassword, true
	case "SMOKE_PASSWORD":
		return developmentPassword, true
	}
	return "", false
}

// Steps returns what has to work after every deploy: the public pages, the
// API, and the marketplace's own path from a new listing to its review. They
// leave two accounts and a withdrawn listing behind.
//
// lookup is the environment: ADMIN_EMAIL and ADMIN_PASSWORD are the
// administrator's, SMOKE_PASSWORD is for the accounts.
func Steps(lookup func(string) (string, bool)) []smoke.Step {
	admin, _ := lookup("ADMIN_EMAIL")
	return []smoke.Step{
		smoke.Page("/").Named("home").Contains("Listings").Owner("web"),
		smoke.JSON("/api/health", "status", "release").Named("API health").JSONField("status", "ok").Owner("platform"),
		smoke.Page("/listings?q=forklift").Named("search").Contains("/listings/").Owner("web"),

		signup("seller"), login("seller", "seller-{run}@smoke.example", "SMOKE_PASSWORD"),
		smoke.Form{Path: "/listings/new", Fields: map[string]string{
			"title": "Smoke test {run}", "kind": "equipment", "category": "Workshop",
			"body": "Listed by the check after a deploy, and withdrawn by it.", "site": "Nowhere", "price": "0",
		}}.Step().Named("list").As("seller").RedirectsTo("/listings/{listing}").Contains("Smoke test {run}").Writes().Owner("web"),
		smoke.Page("/listings?q=%22Smoke+test+{run}%22").Named("the listing is found at once").Contains("/listings/{listing}").Owner("web"),

		signup("buyer"), login("buyer", "buyer-{run}@smoke.example", "SMOKE_PASSWORD"),
		smoke.Form{Path: "/listings/{listing}/request", Fields: map[string]string{"days": "2", "message": "Smoke test {run}"}}.Step().
			Named("request").As("buyer").RedirectsTo("/account").Contains("Smoke test {run}").
			Keep("request", `<td>(\d+)</td></tr>`).Writes().Owner("requests"),
		smoke.Page("/notifications").Named("told of the request").As("seller").Contains("Smoke test {run}").Owner("requests"),

		login("admin", admin, "ADMIN_PASSWORD"),
		smoke.Form{Path: "/admin/review", Action: "/admin/requests/{request}", Fields: map[string]string{"decision": "approve"}}.Step().
			Named("review").As("admin").RedirectsTo("/admin/review").NotContains("/admin/requests/{request}\"").Writes().Owner("requests"),
		smoke.Page("/notifications").Named("told of the decision").As("buyer").Contains("Smoke test {run}").Owner("requests"),

		smoke.Form{Path: "/listings/{listing}/edit", Fields: map[string]string{"withdrawn": "1"}}.Step().
			Named("withdraw").As("seller").RedirectsTo("/listings/{listing}").Contains("withdrawn").Writes().Owner("web"),
	}
}

func signup(who string) smoke.Step {
	return smoke.Form{
		Path:   "/signup",
		Fields: map[string]string{"name": "Smoke " + who, "team": "Smoke", "email": who + "-{run}@smoke.example"},
		Secret: map[string]string{"password": "SMOKE_PASSWORD"},
	}.Step().Named("sign up").As(who).RedirectsTo("/login").Writes().Owner("accounts")
}

func login(who, email, password string) smoke.Step {
	return smoke.Login{
		Path:   "/login",
		Fields: map[string]string{"email": email},
		Secret: map[string]string{"password": password},
	}.Step().Named("log in").As(who).Owner("accounts")
}
