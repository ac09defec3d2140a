package rdap

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

var (
	errAnswer = errors.New("the registry's answer cannot be read")
	errOther  = errors.New("the registry answers about another domain")
	errNoEnd  = errors.New("the registry does not say when the registration ends")
)

// Registration is what a registry says about a domain.
type Registration struct {
	// Ends is when the registration ends, in UTC.
	Ends time.Time
	// Lapsed is the status that says that it is over already, such as
	// "redemption period", whatever Ends is; otherwise empty.
	Lapsed string
	// Registrar is the name of the registrar, empty where it is not told. It
	// is a stranger's text, of one line and at most 80 characters.
	Registrar string
}

// Read reads an answer about a domain, which is in lower case without the last
// dot. The registrar is returned also beside an error about the end.
func Read(body []byte, domain string) (Registration, error) {
	var d struct {
		Class    string   `json:"objectClassName"`
		Name     string   `json:"ldhName"`
		Status   []string `json:"status"`
		Events   []event  `json:"events"`
		Entities []entity `json:"entities"`
	}
	if len(body) > MaxBody || json.Unmarshal(body, &d) != nil || d.Class != "domain" {
		return Registration{}, errAnswer
	}
	if !strings.EqualFold(strings.TrimSuffix(d.Name, "."), domain) {
		return Registration{}, errOther
	}
	var r Registration
	for _, e := range d.Entities {
		if r.Registrar == "" && slices.Contains(e.Roles, "registrar") {
			r.Registrar = line(e.name())
		}
	}
	for _, s := range d.Status {
		if s = strings.ToLower(strings.TrimSpace(s)); s == "redemption period" || s == "pending delete" {
			r.Lapsed = s
		}
	}
	for _, e := range d.Events {
		if e.Action != "expiration" {
			continue
		}
		end, err := time.Parse(time.RFC3339, e.Date)
		if err != nil || !r.Ends.IsZero() && !r.Ends.Equal(end) {
			return Registration{Registrar: r.Registrar}, errNoEnd
		}
		r.Ends = end.UTC()
	}
	if r.Ends.IsZero() && r.Lapsed == "" {
		return r, errNoEnd
	}
	return r, nil
}

// event is something that happened to a domain, or will (section 4.5).
type event struct {
	Action string `json:"eventAction"`
	Date   string `json:"eventDate"`
}

// entity is somebody who has to do with a domain (section 5.1).
type entity struct {
	Roles []string          `json:"roles"`
	Card  []json.RawMessage `json:"vcardArray"`
}

// name returns the formatted name of the card (RFC 7095, section 3.3), empty
// where there is none.
func (e entity) name() string {
	var properties [][]json.RawMessage
	if len(e.Card) < 2 || json.Unmarshal(e.Card[1], &properties) != nil {
		return ""
	}
	for _, p := range properties {
		var key, value string
		if len(p) > 3 && json.Unmarshal(p[0], &key) == nil && strings.EqualFold(key, "fn") && json.Unmarshal(p[3], &value) == nil && value != "" {
			return value
		}
	}
	return ""
}

// line returns a stranger's text as one line of at most 80 characters.
func line(s string) string {
	const most = 80
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > most {
		runes = append(runes[:most-1], '…')
	}
	return string(runes)
}
