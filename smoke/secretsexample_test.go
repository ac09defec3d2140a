package smoke_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// A log of a deployment must not show what it deploys.
func ExampleScan() {
	log := strings.NewReader("migrating the database\nDATABASE_URL=postgres://app:" + "BlueWhale7" + "@db.acme.com/app\ndone\n")
	leaks, err := smoke.Scan(log)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range leaks {
		fmt.Printf("line %d: %s: %s\n", l.Line, l.Rule, l.Masked)
	}
	// Output: line 2: connection-password: …
}

// A test of your own repository: with every run of go test, the files that git
// tracks hold no secret. Where SMOKE_GITLEAKS is set, nor does the history.
func ExampleNoSecrets() {
	_ = func(t *testing.T) { // func TestNoSecrets
		smoke.NoSecrets(t, ".") // the folder of the test; the top of the repository may be "../.."
		smoke.Gitleaks(t, ".")
	}
}
