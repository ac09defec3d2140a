package secretscan

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
)

// Ignored are the fingerprints of an ignore file. The zero value ignores
// nothing.
type Ignored struct{ fingerprints map[string]bool }

// Has reports whether a fingerprint is one of them.
func (i Ignored) Has(fingerprint string) bool { return i.fingerprints[fingerprint] }

var fingerprintForm = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*:[^\s#]*:[0-9a-f]{6}$`)

// maxProblems is how many wrong lines are told.
const maxProblems = 20

// ParseIgnored reads an ignore file: one fingerprint a line, as a finding
// tells it, and comments from # to the end of the line. Every line that is
// something else is a problem, told with its number: an entry that ignores
// nothing because of a typing error would be no help.
func ParseIgnored(text []byte) (Ignored, error) {
	i := Ignored{fingerprints: map[string]bool{}}
	var problems []error
	number := 0
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	for line := range bytes.Lines(text) {
		number++
		line, _, _ = bytes.Cut(line, []byte("#"))
		entry := string(bytes.TrimSpace(line))
		switch {
		case entry == "":
		case fingerprintForm.MatchString(entry):
			i.fingerprints[entry] = true
		case len(problems) == maxProblems:
			return Ignored{}, errors.Join(append(problems, errors.New("and more of the kind"))...)
		default:
			problems = append(problems, fmt.Errorf("line %d: %.60q is no fingerprint; copy it from the finding, as in aws-access-key-id:config/app.yml:1f2e3d, or put a # before a comment", number, entry))
		}
	}
	if problems != nil {
		return Ignored{}, errors.Join(problems...)
	}
	return i, nil
}
