package readiness

import (
	"maps"
	"slices"
	"strings"
)

// State is how an item of the handover stands.
type State string

// The states of a [HandoverItem].
const (
	// OK says that the item is declared, or was seen by the check.
	OK State = "ok"
	// ToDo says that the item is missing or wrong.
	ToDo State = "todo"
	// Unclear says that it could not be looked at. Its text is "unknown".
	Unclear State = "unknown"
)

// HandoverItem is a line of the handover.
type HandoverItem struct {
	_ [0]func()

	// Item is what is to be handed over, such as "registrar".
	Item string
	// State is how it stands.
	State State
	// Detail says where it is, or what to do.
	Detail string
}

// What families tell look.saw about.
const (
	seeDNS  = "handover.dns"
	seeMail = "handover.mail"
)

const (
	codeNoHosting    = "handover.hosting"
	codeNoCloudflare = "handover.cloudflare"
	codeNoOwner      = "handover.owner"
)

// entry is an item that Config declares or the check sees.
type entry struct {
	code, item, field string
	at                func(*Handover) *string
	missing           string // the title where it is not declared
}

// where says how to declare it.
func (e entry) where() string {
	return "declare it in Handover." + e.field + " (handover." + respell(e.field) + " in site.json)"
}

// entries returns the items in the order of the handover.
func entries() []entry {
	return []entry{
		{seeRegistrar, "registrar", "Registrar", func(h *Handover) *string { return &h.Registrar }, "nobody says where it is and who can log in"},
		{seeDNS, "DNS access", "DNS", func(h *Handover) *string { return &h.DNS }, "nobody says where the zone is kept and who can change it"},
		{codeNoCloudflare, "Cloudflare", "Cloudflare", func(h *Handover) *string { return &h.Cloudflare }, "nobody says whose account it is"},
		{codeNoHosting, "hosting", "Hosting", func(h *Handover) *string { return &h.Hosting }, "nobody says where the service runs and who has access"},
		{seeMail, "mail provider", "MailProvider", func(h *Handover) *string { return &h.MailProvider }, "nobody says who it is"},
		{"handover.secrets", "where secrets live", "Secrets", func(h *Handover) *string { return &h.Secrets }, "not declared"},
		{"handover.monitoring", "monitoring", "Monitoring", func(h *Handover) *string { return &h.Monitoring }, "no link to it"},
		{"handover.deploy", "deployment steps", "Deploy", func(h *Handover) *string { return &h.Deploy }, "not written down"},
		{"handover.rollback", "rollback steps", "Rollback", func(h *Handover) *string { return &h.Rollback }, "not written down"},
		{"handover.last-good-release", "last known good release", "LastGoodRelease", func(h *Handover) *string { return &h.LastGoodRelease }, "none is named to go back to"},
		{"handover.alerts", "who receives alerts", "AlertsTo", func(h *Handover) *string { return &h.AlertsTo }, "nobody is named"},
		{"handover.approves", "who approves emergency changes", "ApprovesChanges", func(h *Handover) *string { return &h.ApprovesChanges }, "nobody is named"},
	}
}

// criticalPaths are those that need an owner in any case.
func criticalPaths() []string { return []string{"login", "e-mail", "requests"} }

// handoverCodes are the rows of the handover.
func handoverCodes() []codeRow {
	var rows []codeRow
	for _, e := range entries() {
		rows = append(rows, codeRow{e.code, Medium, e.missing, ""})
	}
	return append(rows, codeRow{codeNoOwner, Medium, "nobody is named who answers for it", ""})
}

// any reports whether anything is declared.
func (h *Handover) any() bool {
	return len(h.Owners) > 0 || slices.ContainsFunc(entries(), func(e entry) bool { return *e.at(h) != "" })
}

// handOver adds the items of the handover, and a finding for each that is
// missing.
func (c *Checker) handOver(r *Report, l *look, last memory) {
	h := c.site.handover
	for _, e := range entries() {
		r.Handover = append(r.Handover, c.item(r, l, e, strings.TrimSpace(*e.at(&h))))
	}
	c.owners(r)
	c.variables(r, last)
}

// item judges one entry.
func (c *Checker) item(r *Report, l *look, e entry, declared string) HandoverItem {
	seen := r.sight(l, e.code)
	if declared != "" {
		if seen != "" {
			declared += " (seen: " + seen + ")"
		}
		return HandoverItem{Item: e.item, State: OK, Detail: declared}
	}
	switch {
	case e.code == codeNoCloudflare && seen == "":
		if r.Blind() || c.site.domain == "" {
			return HandoverItem{Item: e.item, State: Unclear, Detail: "whether a host stands behind it could not be looked at"}
		}
		return HandoverItem{Item: e.item, State: OK, Detail: "no host stands behind it"}
	case seen != "" && e.code != codeNoCloudflare:
		return HandoverItem{Item: e.item, State: OK, Detail: "seen: " + seen}
	case r.Blind() && (e.code == seeDNS || e.code == seeMail || e.code == codeNoHosting):
		return HandoverItem{Item: e.item, State: Unclear, Detail: "could not be looked at; " + e.where()}
	}
	row := c.codes[e.code]
	f := Finding{
		Code: e.code, Severity: row.Severity, Subject: e.item, Title: row.Title,
		Detail: "Whoever takes over, or is called at night, needs it.", Fix: e.where(), remote: true, confirmed: true,
	}
	if seen != "" {
		f.Evidence = []string{seen}
	}
	r.Findings = append(r.Findings, f)
	return HandoverItem{Item: e.item, State: ToDo, Detail: row.Title + ": " + e.where()}
}

// sight returns what the check saw for itself.
func (r *Report) sight(l *look, code string) string {
	var seen []string
	l.mu.Lock()
	seen = append(seen, l.sights[code]...)
	l.mu.Unlock()
	for _, h := range r.Map {
		switch {
		case code == codeNoCloudflare && h.Proxied:
			seen = append(seen, h.Name)
		case code == codeNoHosting && h.Provider != "" && !h.Proxied:
			seen = append(seen, h.Provider)
		}
	}
	slices.Sort(seen)
	seen = slices.Compact(seen)
	if n := len(seen); n > 5 {
		seen = append(seen[:5:5], "and more")
	}
	return strings.Join(seen, ", ")
}

// owners adds who answers for each critical path.
func (c *Checker) owners(r *Report) {
	named := c.site.handover.Owners
	paths := criticalPaths()
	for _, p := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	for _, p := range paths {
		item := HandoverItem{Item: "owner of " + p, State: OK, Detail: named[p]}
		if item.Detail == "" {
			row := c.codes[codeNoOwner]
			item.State, item.Detail = ToDo, row.Title+": declare it in Handover.Owners (handover.owners in site.json)"
			r.Findings = append(r.Findings, Finding{
				Code: codeNoOwner, Severity: row.Severity, Subject: p, Title: row.Title, Detail: "When it breaks, nobody knows who puts it right.",
				Fix: "name who answers for it in Handover.Owners (handover.owners in site.json)", remote: true, confirmed: true,
			})
		}
		r.Handover = append(r.Handover, item)
	}
}
