package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func signed(a *app, now time.Time, body string) string {
	stamp := strconv.FormatInt(now.Unix(), 10)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(signEvent(a.cfg.WebhookSecret, stamp, []byte(body)))
}

// pay sends a well signed event.
func (s *site) pay(t *testing.T, body string) answer {
	t.Helper()
	return s.browser(t).do("POST", "/webhooks/payment", "application/json", body, signatureHeader, signed(s.app, time.Now(), body))
}

func TestWebhookSignature(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	const body = `{"id":"evt_0","type":"payment.created"}`
	now := time.Now()
	good := signed(s.app, now, body)
	tests := []struct {
		name, body string
		headers    []string
		status     int
	}{
		{"good", body, []string{good}, 200},
		{"two secrets", body, []string{good + ",v1=" + strings.Repeat("00", 32)}, 200},
		{"unknown scheme beside it", body, []string{good + ",v0=zz"}, 200},
		{"none", body, nil, 403},
		{"two headers", body, []string{good, good}, 403},
		{"other body", body + " ", []string{good}, 403},
		{"old", body, []string{signed(s.app, now.Add(-webhookTolerance-2*time.Second), body)}, 403},
		{"from the future", body, []string{signed(s.app, now.Add(webhookTolerance+time.Minute), body)}, 403},
		{"stamp changed", body, []string{strings.Replace(good, "t=", "t=0", 1)}, 403},
		{"garbage", body, []string{"sha256=abc"}, 403},
		{"no JSON", "paid", []string{signed(s.app, now, "paid")}, 400},
		{"no id", "{}", []string{signed(s.app, now, "{}")}, 400},
		{"too large", strings.Repeat(" ", maxWebhook+1), []string{good}, 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var header []string
			for _, h := range tt.headers {
				header = append(header, signatureHeader, h)
			}
			wantStatus(t, s.browser(t).do("POST", "/webhooks/payment", "application/json", tt.body, header...), tt.status)
		})
	}
}

func TestPaymentCountsOnce(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	db := s.app.db
	if _, err := db.write.Exec(`INSERT INTO requests (id, listing_id, requester_id, days, message, total, status, created) VALUES (5, 1, 2, 1, '', 900, 'waiting', 0)`); err != nil {
		t.Fatal(err)
	}
	event := func(id string, amount int) string {
		return fmt.Sprintf(`{"id":%q,"type":"payment.succeeded","request_id":5,"amount_cents":%d}`, id, amount)
	}
	wantStatus(t, s.pay(t, event("evt_1", 900)), http.StatusConflict) // not approved yet
	if _, err := db.write.Exec(`UPDATE requests SET status = 'approved' WHERE id = 5`); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, s.pay(t, event("evt_2", 899)), http.StatusConflict)
	wantText(t, s.pay(t, event("evt_1", 900)), `"paid"`) // the provider tries again
	wantText(t, s.pay(t, event("evt_1", 900)), `"duplicate"`)
	wantStatus(t, s.pay(t, event("evt_3", 900)), http.StatusConflict)
	var notes, letters, events int
	if err := db.read.QueryRow(`SELECT (SELECT count(*) FROM notifications), (SELECT count(*) FROM outbox), (SELECT count(*) FROM payment_events)`).Scan(&notes, &letters, &events); err != nil {
		t.Fatal(err)
	}
	if notes != 2 || letters != 2 || events != 1 {
		t.Errorf("got %d notifications, %d mails, %d events", notes, letters, events)
	}
}

func TestVerifyEdges(t *testing.T) {
	t.Parallel()
	secret, now := []byte("secret"), time.Unix(1_800_000_000, 0)
	tests := []struct {
		name string
		age  time.Duration
		want bool
	}{
		{"now", 0, true},
		{"just young enough", webhookTolerance, true},
		{"just too old", webhookTolerance + time.Second, false},
		{"ahead", -webhookTolerance, true},
		{"too far ahead", -webhookTolerance - time.Second, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stamp := strconv.FormatInt(now.Add(-tt.age).Unix(), 10)
			s, err := parseSignature("t=" + stamp + ", v1=" + hex.EncodeToString(signEvent(secret, stamp, []byte("b"))))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.verify(secret, []byte("b"), now); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if s.verify([]byte("other"), []byte("b"), now) {
				t.Error("another secret fits")
			}
		})
	}
}

func FuzzParseSignature(f *testing.F) {
	mac := strings.Repeat("ab", 32)
	for _, h := range []string{"", "t=1,v1=" + mac, "t=1, v1=" + mac + ",v0=1", "v1=" + mac, "t=1", "t=1,t=2,v1=" + mac, "t=-1,v1=" + mac, "t=1,v1=ab", "t=1,,", "t= 1,v1=" + mac} {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, header string) {
		s, err := parseSignature(header)
		if err != nil {
			return
		}
		if len(s.macs) < 1 || len(s.macs) > maxSignatures || s.time.Unix() < 0 {
			t.Fatalf("%q gave %d signatures and %v", header, len(s.macs), s.time)
		}
		var again strings.Builder
		again.WriteString("t=" + s.stamp)
		for _, m := range s.macs {
			again.WriteString(",v1=" + hex.EncodeToString(m))
		}
		if b, err := parseSignature(again.String()); err != nil || b.stamp != s.stamp || len(b.macs) != len(s.macs) {
			t.Errorf("%q does not survive: %v", header, err)
		}
		if s.verify([]byte("secret"), []byte("body"), s.time) {
			t.Errorf("%q was guessed", header)
		}
	})
}
