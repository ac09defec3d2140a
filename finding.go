package readiness

import (
	"encoding/json"
	"fmt"

	"go.uber.org/zap/zapcore"
)

// Severity says how much a [Finding] matters. Severities compare: Blocker is
// greater than High, which is greater than Medium. Its text, in JSON too, is
// "blocker", "high" or "medium"; the zero Severity is none of them.
type Severity int

// The severities. By default [Report.Err] returns an error for a Blocker of the
// environment alone; see Config.StopOn.
const (
	// Medium is a risk to put right when there is time.
	Medium Severity = iota + 1
	// High is a risk to put right before the launch.
	High
	// Blocker is what stops the launch: the service cannot work like this.
	Blocker
)

// String returns the text of s, and "severity(N)" for a number that is none.
func (s Severity) String() string {
	switch s {
	case Medium:
		return "medium"
	case High:
		return "high"
	case Blocker:
		return "blocker"
	default:
		return fmt.Sprintf("severity(%d)", int(s))
	}
}

// MarshalText returns the text of s. A number that is no severity is an error.
func (s Severity) MarshalText() ([]byte, error) {
	if s < Medium || s > Blocker {
		return nil, fmt.Errorf("readiness: %v is none of blocker, high and medium", s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText sets s from its text, in lower case. Any other text is an
// error that names the three, and leaves s alone.
func (s *Severity) UnmarshalText(text []byte) error {
	for known := Medium; known <= Blocker; known++ {
		if string(text) == known.String() {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("readiness: %.20q is none of blocker, high and medium", text)
}

// Finding is one thing that a check found. No field holds the value of a
// Secret variable, a password, or an e-mail address or the query of a URL from
// the environment.
type Finding struct {
	_ [0]func()

	// Code names the rule, such as "env.missing". It is stable: programs may
	// compare it. The package documentation lists all.
	Code string
	// Severity says how much it matters.
	Severity Severity
	// Subject is what is concerned: the name of a variable, or the full name
	// of a host, such as "_dmarc.acme.example".
	Subject string
	// Title says in a few words what is wrong. It is for people and may differ
	// between findings of one Code.
	Title string
	// Detail says why that matters, in one or two sentences; it may be empty.
	Detail string
	// Evidence is what was seen, where that may be shown: the value of a
	// variable that is no secret, cut to 60 characters, its control characters
	// escaped. It is often empty.
	Evidence []string
	// Fix says what to do, in words that can be pasted where that is possible.
	Fix string
	// Ref is the section of the standard that is the reason, such as
	// "RFC 3986 section 3.1"; empty where there is none.
	Ref string

	remote    bool   // made over the network, or by a check of the user's
	confirmed bool   // and made again, a second later or more
	lapsed    string // the last day on which it was accepted, where that is over
}

// printable returns f, made by the user, in a form that may be shown anywhere:
// its control characters escaped, and addresses masked as in findings of the
// check's own.
func (f Finding) printable() Finding {
	f.Code, f.Subject, f.Ref = escaped(f.Code), escaped(f.Subject), escaped(f.Ref)
	f.Title, f.Detail, f.Fix = escaped(maskAddresses(f.Title)), escaped(maskAddresses(f.Detail)), escaped(maskAddresses(f.Fix))
	f.Evidence = each(f.Evidence, func(s string) string { return escaped(maskAddresses(s)) })
	return f
}

// MarshalJSON returns f as an object with the keys code, severity, subject,
// title, detail, evidence (a list, never null), fix and ref. It fails where
// Severity is none of the three.
func (f Finding) MarshalJSON() ([]byte, error) {
	severity, err := f.Severity.MarshalText()
	if err != nil {
		return nil, err
	}
	return json.Marshal(f.wire(string(severity)))
}

// MarshalLogObject lets zap log f with zap.Object or zap.Inline. It adds the
// fields of the JSON form that are not empty, and returns nil.
func (f Finding) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("code", f.Code)
	enc.AddString("severity", f.Severity.String())
	enc.AddString("subject", f.Subject)
	enc.AddString("title", f.Title)
	if f.Detail != "" {
		enc.AddString("detail", f.Detail)
	}
	if len(f.Evidence) > 0 {
		if err := enc.AddArray("evidence", texts(f.Evidence)); err != nil {
			return err
		}
	}
	enc.AddString("fix", f.Fix)
	if f.Ref != "" {
		enc.AddString("ref", f.Ref)
	}
	return nil
}

// texts is a list of strings for zap.
type texts []string

// MarshalLogArray adds each string.
func (t texts) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	for _, s := range t {
		enc.AppendString(s)
	}
	return nil
}
