package health

import (
	"bytes"
	"encoding/json"
	"time"
)

// healthJSON is the body of the details, with the names of the draft.
type healthJSON struct {
	Status    string                 `json:"status"`
	State     State                  `json:"state"`
	Since     string                 `json:"since"`
	ReleaseID string                 `json:"releaseId,omitempty"`
	Notes     []string               `json:"notes,omitempty"`
	Checks    map[string][]checkJSON `json:"checks"`
}

// checkJSON is one entry of the draft's checks.
type checkJSON struct {
	Status        string   `json:"status"`
	Time          string   `json:"time,omitempty"`
	ObservedValue *float64 `json:"observedValue,omitempty"`
	ObservedUnit  string   `json:"observedUnit,omitempty"`
	Output        string   `json:"output,omitempty"`

	State       State  `json:"state"`
	Since       string `json:"since"`
	Required    bool   `json:"required"`
	Excluded    bool   `json:"excluded,omitempty"`
	Failures    int    `json:"failures,omitempty"`
	LastError   string `json:"lastError,omitempty"`
	LastErrorAt string `json:"lastErrorAt,omitempty"`
	Cause       string `json:"cause,omitempty"`
	Stuck       int    `json:"stuck,omitempty"`
	Hanging     bool   `json:"hanging,omitempty"`
}

// json renders the details as application/health+json.
func (d detail) json() *answer {
	out := healthJSON{
		Status: d.State.word(), State: d.State, Since: stamp(d.Since), ReleaseID: d.Release,
		Checks: make(map[string][]checkJSON, len(d.Checks)),
	}
	for _, name := range d.unknown {
		out.Notes = append(out.Notes, "exclude: no check has the name "+name)
	}
	for _, k := range d.Checks {
		one := checkJSON{
			Status: k.State.word(), Time: stamp(k.Checked), Output: output(k),
			State: k.State, Since: stamp(k.Since), Required: k.Required, Excluded: d.excludes(k.Name),
			Failures: k.Failures, LastError: k.LastError, LastErrorAt: stamp(k.LastErrorAt), Cause: k.Cause,
			Stuck: k.Stuck, Hanging: k.Hanging,
		}
		if !k.Checked.IsZero() {
			ms := float64(k.Duration.Microseconds()) / 1000
			one.ObservedValue, one.ObservedUnit = &ms, "ms"
		}
		out.Checks[k.Name] = []checkJSON{one}
	}
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(out) // strings, numbers and booleans always have a form
	return newAnswer(d.State, jsonType, b.Bytes())
}

// stamp returns a time as the draft wants it (RFC 3339), and nothing for
// none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
