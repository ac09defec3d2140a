package readiness

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// variables adds each declared variable with an example of its structure, and
// never its value.
func (c *Checker) variables(r *Report, last memory) {
	for i := range c.env {
		v := &c.env[i]
		item := HandoverItem{Item: "environment variable " + v.Name, State: OK, Detail: v.describe()}
		for _, f := range r.Findings {
			if f.Subject == v.Name && !f.remote {
				item.State, item.Detail = ToDo, item.Detail+"; "+f.Title
				break
			}
		}
		if !slices.Contains(r.looked, "env") {
			item.State = Unclear
		}
		r.Handover = append(r.Handover, item)
	}
	if len(c.env) == 0 {
		return
	}
	item := HandoverItem{Item: "environment of the last release", State: OK, Detail: count(len(last.set), "variable") + " known"}
	if !last.known {
		item.State, item.Detail = Unclear, noEarlier
	}
	r.Handover = append(r.Handover, item)
}

// noEarlier is what the report says where no memory is.
const noEarlier = "no earlier release is known"

// describe says what a variable is, with an example made from its
// declaration alone.
func (v *EnvVar) describe() string {
	words := []string{"required"}
	if v.Optional {
		words[0] = "optional"
	}
	if v.Secret {
		words = append(words, "secret")
	}
	return strings.Join(words, ", ") + ", such as " + v.sample()
}

// sample returns an example of the structure of a value.
func (v *EnvVar) sample() string {
	if len(v.OneOf) > 0 {
		return some(v.OneOf)
	}
	switch v.Format {
	case URL:
		name := "https"
		if len(v.Schemes) > 0 {
			name = strings.ToLower(v.Schemes[0])
		}
		rest := "HOST/PATH"
		switch {
		case slices.Contains([]string{"postgres", "postgresql", "mysql", "mongodb", "mongodb+srv", "amqp", "amqps"}, name):
			rest = "USER:PASSWORD@HOST:PORT/NAME"
		case name == "redis" || name == "rediss" || name == "smtp" || name == "smtps":
			rest = "USER:PASSWORD@HOST:PORT"
		}
		if v.Prefix != "" {
			return v.Prefix + "…"
		}
		return name + "://" + rest
	case Port:
		return "8080"
	case Duration:
		return "30s"
	case Bool:
		return "true"
	case Email:
		return "NAME@DOMAIN"
	}
	s := v.Prefix + "…"
	if v.MinLength > 0 {
		s += " (at least " + strconv.Itoa(v.MinLength) + " characters)"
	}
	return s
}

// nextStep begins the names of the steps, which follow from the list and are
// no entries of it.
const nextStep = "next step "

func (h HandoverItem) isStep() bool { return strings.HasPrefix(h.Item, nextStep) }

// nextSteps returns the three steps that matter most.
func (r *Report) nextSteps() []HandoverItem {
	const most = 3
	var steps []HandoverItem
	add := func(detail string) {
		for _, s := range steps {
			if s.Detail == detail {
				return
			}
		}
		if len(steps) < most {
			steps = append(steps, HandoverItem{Item: nextStep + strconv.Itoa(len(steps)+1), State: ToDo, Detail: detail})
		}
	}
	for _, f := range r.Findings {
		step := f.Subject + ": " + f.Title
		if f.Fix != "" {
			step += "; " + f.Fix
		}
		add(step)
	}
	if len(r.Unknown) > 0 {
		add("run the check again: " + count(len(r.Unknown), "thing") + " could not be looked at")
	}
	for _, a := range r.Accepted {
		if a.Note != "" {
			add("take " + strings.TrimSpace(a.Finding.Code+" "+a.Finding.Subject) + " out of what is accepted, or put it right: it matched nothing")
			continue
		}
		add(a.Finding.Subject + ": " + a.Finding.Title + "; accepted until " + a.Until)
	}
	var ends time.Time
	var name string
	for _, h := range r.Map {
		if e := h.CertificateEnds; !e.IsZero() && (ends.IsZero() || e.Before(ends)) {
			ends, name = e, h.Name
		}
	}
	if name != "" {
		add(name + ": see that its certificate is renewed before " + ends.UTC().Format(time.DateOnly))
	}
	if r.Domain != "" {
		add("repeat the check after the launch, and keep it running")
		add("rehearse the rollback once before it is needed")
		add("hand this list over, and agree on when to look at it again")
	}
	return steps
}
