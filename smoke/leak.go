package smoke

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/launchready/readiness/internal/secretscan"
)

// Leak is a secret that stands where it should not. It does not hold the
// secret, and so it may be printed, logged and kept.
type Leak struct {
	// Rule is the kind of secret, such as "github-token".
	Rule string `json:"rule"`
	// File is the path below the folder that was looked at, with slashes; ""
	// for what [Scan] has read.
	File string `json:"file"`
	// Line is where the secret begins, counted from 1.
	Line int `json:"line"`
	// Masked is at most the first four characters of the secret and "…", and
	// no character of a password or of a short secret.
	Masked string `json:"masked"`
	// Fingerprint names this secret in this file, on whichever line. In
	// .readinessignore it stands for "this is none".
	Fingerprint string `json:"fingerprint"`
}

// String returns the leak on one line: "file:line: rule: masked (fingerprint
// …)", or "line 7: rule: masked" for what [Scan] has read. A path that a terminal
// would obey is quoted.
func (l Leak) String() string {
	place := fmt.Sprintf("line %d", l.Line)
	if l.File != "" {
		place = fmt.Sprintf("%s:%d", shownFile(l.File), l.Line)
	}
	if l.File == "" { // which no .readinessignore is for
		return fmt.Sprintf("%s: %s: %s", place, l.Rule, l.Masked)
	}
	return fmt.Sprintf("%s: %s: %s (fingerprint %s)", place, l.Rule, l.Masked, l.Fingerprint)
}

// shownFile is a path as it may be printed.
func shownFile(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}

// Scan looks for secrets in a text, such as the log of a deployment, with the
// rules of [NoSecrets]. It reads r to its end in memory of a constant size,
// and so it waits as long as r does. Lines may be of any length, and bytes 0
// hide nothing: UTF-16 is read as such, also where only parts of a log are. A
// line with readiness:allow in it is left out.
//
// After an error of r, the leaks are those of what could be read. More than
// 1000 of them are an error, and the rest of r is not read.
func Scan(r io.Reader) ([]Leak, error) {
	var s secretscan.Scanner
	found, err := s.Scan("", r)
	if err != nil {
		err = fmt.Errorf("smoke: scan: %w", err)
	}
	return asLeaks(found, secretscan.Ignored{}), err
}

// asLeaks leaves out what is ignored.
func asLeaks(found []secretscan.Finding, ignored secretscan.Ignored) (leaks []Leak) {
	for _, f := range found {
		if !ignored.Has(f.Fingerprint) {
			leaks = append(leaks, Leak{Rule: f.Rule, File: f.Name, Line: f.Line, Masked: f.Masked, Fingerprint: f.Fingerprint})
		}
	}
	return leaks
}
