package readiness

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	customName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	codeName   = regexp.MustCompile(`^[a-z0-9-]+\.[a-z0-9.-]+$`)
)

func (c *compiler) customs() {
	for i := range c.cfg.Custom {
		v := c.cfg.Custom[i]
		path := "Custom[" + strconv.Itoa(i) + "]"
		if !customName.MatchString(v.Name) {
			c.addf(path+".Name", "must be lower-case letters, digits and hyphens, got %s", quoteCut(v.Name))
		} else if slices.ContainsFunc(c.custom, func(o Custom) bool { return o.Name == v.Name }) {
			c.addf(path+".Name", "%s is declared twice", quoteCut(v.Name))
		}
		if v.Func == nil {
			c.addf(path+".Func", "must be a function, got nil")
		}
		c.custom = append(c.custom, v)
	}
}

// acceptance is an Acceptance with the moment at which it ends.
type acceptance struct {
	Acceptance

	end time.Time
}

func (c *compiler) acceptances() {
	for i := range c.cfg.Accept {
		a := acceptance{Acceptance: c.cfg.Accept[i]}
		path := "Accept[" + strconv.Itoa(i) + "]"
		if c.skip(path) {
			continue
		}
		if !codeName.MatchString(a.Code) {
			c.addf(path+".Code", "must be the code of a finding, such as \"dmarc.policy-none\", got %s", quoteCut(a.Code))
		} else if !c.mayFind(a.Code) {
			c.addf(path+".Code", "no finding has the code %s%s", quoteCut(a.Code), likeCode(a.Code))
		}
		day, err := time.Parse(time.DateOnly, a.Until)
		if err != nil {
			c.addf(path+".Until", "must be a day such as \"2027-01-31\", got %s", quoteCut(a.Until))
		}
		if strings.TrimSpace(a.Reason) == "" {
			c.addf(path+".Reason", "must say why the risk is accepted, got nothing")
		}
		a.end = day.AddDate(0, 0, 1)
		c.accept = append(c.accept, a)
	}
}

// mayFind reports whether a finding may have the code. Checks of the user's own
// may use any.
func (c *compiler) mayFind(code string) bool {
	return len(c.cfg.Custom) > 0 || strings.HasPrefix(code, "custom.") || slices.Contains(codeNames(), code)
}

// codeNames returns the code of every rule.
func codeNames() []string { return each(codeRows(), func(r codeRow) string { return r.Code }) }

// likeCode says which code was likely meant, and otherwise what there is.
func likeCode(code string) string {
	known := codeNames()
	if s := meant(code, known); s != "" {
		return s
	}
	group, name, _ := strings.Cut(code, ".")
	var tail, ofGroup []string
	for _, k := range known {
		g, n, _ := strings.Cut(k, ".")
		if g == group {
			ofGroup = append(ofGroup, k)
			if strings.HasSuffix(n, name) {
				tail = append(tail, k) // dmarc.none for dmarc.policy-none
			}
		}
	}
	switch {
	case len(tail) == 1:
		return "; did you mean " + strconv.Quote(tail[0]) + "?"
	case len(ofGroup) > 0:
		return "; those of " + group + " are " + some(ofGroup)
	default:
		return "; the documentation of this package lists all, and those of your own checks begin with \"custom.\""
	}
}

func (c *compiler) passOn() {
	c.handover = c.cfg.Handover
	c.handover.Owners = maps.Clone(c.handover.Owners)
	for _, path := range slices.Sorted(maps.Keys(c.handover.Owners)) {
		if strings.TrimSpace(path) == "" || strings.TrimSpace(c.handover.Owners[path]) == "" {
			c.addf("Handover.Owners", "each entry must name a critical path and its owner, got %s without one", quoteCut(path))
		}
	}
	c.handedOver = c.domain != "" || c.handover.any()
	c.memory = c.cfg.Memory
}
