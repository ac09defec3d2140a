package readiness

import (
	"encoding/json"

	"go.uber.org/zap/zapcore"
)

// MarshalJSON returns
//
//	{"version":1,"domain":…,"took_ms":…,"lookups":…,
//	 "counts":{"blocker":0,"high":0,"medium":0,"unknown":0},
//	 "findings":[{"code":…,"severity":…,"subject":…,"title":…,"detail":…,"evidence":[],"fix":…,"ref":…}],
//	 "unknown":[…],"map":[…],"handover":[{"item":…,"state":…,"detail":…}],"accepted":[…]}
//
// An entry of unknown has the keys of a finding, with the severity "unknown";
// one of accepted has them too, and until, reason and note; where it has a
// note, its severity is "none". [HostMap.MarshalJSON]
// describes the map. A list is never null. It holds what Config.Handover
// declares. It fails where a finding that the caller made has no severity.
func (r Report) MarshalJSON() ([]byte, error) {
	unknown := make([]wireFinding, len(r.Unknown))
	for i, f := range r.Unknown {
		unknown[i] = f.wire("unknown")
	}
	c := r.Counts()
	return json.Marshal(struct {
		Version  int            `json:"version"`
		Domain   string         `json:"domain"`
		Took     int64          `json:"took_ms"`
		Lookups  int            `json:"lookups"`
		Counts   wireCounts     `json:"counts"`
		Findings []Finding      `json:"findings"`
		Unknown  []wireFinding  `json:"unknown"`
		Map      []HostMap      `json:"map"`
		Handover []HandoverItem `json:"handover"`
		Accepted []Accepted     `json:"accepted"`
	}{
		1, r.Domain, r.took.Milliseconds(), r.lookups, wireCounts(c), append([]Finding{}, r.Findings...), unknown,
		append([]HostMap{}, r.Map...), append([]HandoverItem{}, r.Handover...), append([]Accepted{}, r.Accepted...),
	})
}

type wireCounts struct {
	Blocker int `json:"blocker"`
	High    int `json:"high"`
	Medium  int `json:"medium"`
	Unknown int `json:"unknown"`
}

// wireFinding is the JSON form of a finding.
type wireFinding struct {
	Code     string   `json:"code"`
	Severity string   `json:"severity"`
	Subject  string   `json:"subject"`
	Title    string   `json:"title"`
	Detail   string   `json:"detail"`
	Evidence []string `json:"evidence"`
	Fix      string   `json:"fix"`
	Ref      string   `json:"ref"`
}

func (f Finding) wire(severity string) wireFinding {
	return wireFinding{f.Code, severity, f.Subject, f.Title, f.Detail, append([]string{}, f.Evidence...), f.Fix, f.Ref}
}

// MarshalJSON returns the object of the finding with the keys until, reason
// and note besides. It fails where a finding without a note has no severity.
func (a Accepted) MarshalJSON() ([]byte, error) {
	severity := []byte("none")
	if a.Note == "" {
		var err error
		if severity, err = a.Finding.Severity.MarshalText(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(struct {
		wireFinding

		Until  string `json:"until"`
		Reason string `json:"reason"`
		Note   string `json:"note"`
	}{a.Finding.wire(string(severity)), a.Until, a.Reason, a.Note})
}

// MarshalJSON returns h as an object with the keys item, state and detail. It
// returns no error.
func (h HandoverItem) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Item   string `json:"item"`
		State  State  `json:"state"`
		Detail string `json:"detail"`
	}{h.Item, h.State, h.Detail})
}

// MarshalLogObject lets zap log r with zap.Object: the domain where there is
// one, the numbers blocker, high, medium and unknown, and the list findings.
// Nothing of the handover is in it, which names people.
func (r Report) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	c := r.Counts()
	if r.Domain != "" {
		enc.AddString("domain", r.Domain)
	}
	enc.AddInt("blocker", c.Blocker)
	enc.AddInt("high", c.High)
	enc.AddInt("medium", c.Medium)
	enc.AddInt("unknown", c.Unknown)
	return enc.AddArray("findings", zapcore.ArrayMarshalerFunc(func(enc zapcore.ArrayEncoder) error {
		for _, f := range r.Findings {
			if err := enc.AppendObject(f); err != nil {
				return err
			}
		}
		return nil
	}))
}
