package smoke_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// A failing answer shows what it is, and not what it would open.
func TestTokensOfAFailingAnswerAreNotShown(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"access_token":"a1b2c3d4e5f6g7h8","refresh_token":"z9y8x7w6v5u4t3s2","status":"closed"}`)
	})
	got := failed(t, check(t, h, smoke.JSON("/session", "user")), "the JSON has no field user")
	if strings.Contains(got.Detail, "a1b2c3d4") || strings.Contains(got.Detail, "z9y8x7w6") || !strings.Contains(got.Detail, `"status":"closed"`) {
		t.Error(got.Detail)
	}
}
