package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

const (
	maxWebhook       = 64 << 10
	webhookTolerance = 5 * time.Minute
	signatureHeader  = "Payment-Signature"
	maxSignatures    = 5 // while a secret is exchanged there are two
	maxHeader        = 1 << 10
)

// signature is a Payment-Signature header: "t=<unix seconds>,v1=<hex>". More
// than one v1 may stand in it; names that are not known are passed over.
type signature struct {
	stamp string // as sent: what was signed is its text
	time  time.Time
	macs  [][]byte
}

var errSignature = errors.New("malformed signature header")

// parseSignature reads the header strictly: exactly one time, one to five
// signatures, every one of full length.
func parseSignature(header string) (signature, error) {
	var s signature
	if len(header) > maxHeader {
		return s, errSignature
	}
	for part := range strings.SplitSeq(header, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !ok:
			return s, errSignature
		case name == "t":
			seconds, err := strconv.ParseInt(value, 10, 64)
			if err != nil || s.stamp != "" || seconds < 0 {
				return s, errSignature
			}
			s.stamp, s.time = value, time.Unix(seconds, 0)
		case name == "v1":
			mac, err := hex.DecodeString(value)
			if err != nil || len(mac) != sha256.Size || len(s.macs) == maxSignatures {
				return s, errSignature
			}
			s.macs = append(s.macs, mac)
		}
	}
	if s.stamp == "" || len(s.macs) == 0 {
		return s, errSignature
	}
	return s, nil
}

// verify reports whether the secret's owner signed this body, within five
// minutes of now on either side.
func (s signature) verify(secret, body []byte, now time.Time) bool {
	if s.time.Before(now.Add(-webhookTolerance)) || s.time.After(now.Add(webhookTolerance)) {
		return false
	}
	want := signEvent(secret, s.stamp, body)
	return slices.ContainsFunc(s.macs, func(mac []byte) bool { return hmac.Equal(mac, want) })
}

// signEvent returns the HMAC-SHA256 of "stamp.body".
func signEvent(secret []byte, stamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// paymentWebhook takes events of the payment provider. An event counts once
// however often it arrives; one that does not fit yet is answered 409 and
// not remembered, so that the provider's next try can succeed.
func (a *app) paymentWebhook(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return statusError{http.StatusRequestEntityTooLarge, "An event may have 64 KiB at most."}
		}
		return statusError{http.StatusBadRequest, "The body could not be read."}
	}
	sent := r.Header.Values(signatureHeader)
	var s signature
	if len(sent) == 1 {
		s, err = parseSignature(sent[0])
	}
	if len(sent) != 1 || err != nil || !s.verify(a.cfg.WebhookSecret, body, time.Now()) {
		a.event(eventWebhookRefused)
		return statusError{http.StatusForbidden, "The signature is missing, wrong or too old."}
	}
	ratelimit.Succeed(w) // only bad signatures count: a provider who tries again is never refused
	var event struct {
		ID        string `json:"id"`
		Type      string `json:"type"`
		RequestID int64  `json:"request_id"`
		Amount    int64  `json:"amount_cents"`
	}
	if err := json.Unmarshal(body, &event); err != nil || event.ID == "" || len(event.ID) > 100 {
		return statusError{http.StatusBadRequest, "The body must be JSON with an id of 100 characters at most."}
	}
	result := "ignored"
	if event.Type == "payment.succeeded" {
		if result, err = a.takePayment(r, event.ID, event.RequestID, event.Amount); err != nil {
			return err
		}
		if result == "paid" {
			a.event(eventPaymentReceived)
		}
	}
	return sendJSON(w, http.StatusOK, "application/json", map[string]string{"status": result})
}

func (a *app) takePayment(r *http.Request, eventID string, requestID, amount int64) (result string, err error) {
	ctx := r.Context()
	err = a.db.tx(ctx, func(tx *sql.Tx) error {
		isNew, err := changed(tx.ExecContext(ctx, "INSERT INTO payment_events (id, created) VALUES (?, ?) ON CONFLICT DO NOTHING", eventID, time.Now().Unix()))
		if err != nil || !isNew {
			result = "duplicate"
			return err
		}
		result = "paid"
		ok, err := changed(tx.ExecContext(ctx, "UPDATE requests SET status = 'paid' WHERE id = ? AND status = 'approved' AND total = ?", requestID, amount))
		if err != nil {
			return err
		}
		if !ok {
			return statusError{http.StatusConflict, "No approved request has this id and this amount."}
		}
		q, err := requestIn(r, tx, requestID)
		if err != nil {
			return err
		}
		return a.tellBoth(r, tx, q, "paid")
	})
	return result, err
}
