package readiness

import "strings"

// checked says what was looked at: "environment (3 variables), dns, web; hosts
// acme.example, www.acme.example".
func (r *Report) checked() string {
	var parts []string
	for _, f := range r.looked {
		switch {
		case f != "env":
			parts = append(parts, f)
		case r.variables > 0:
			parts = append(parts, "environment ("+count(r.variables, "variable")+")")
		}
	}
	s := strings.Join(parts, ", ")
	if len(r.Map) > 0 && s != "" {
		names := each(r.Map[:min(len(r.Map), mostHosts)], func(h HostMap) string { return h.Name })
		s += "; " + count(len(r.Map), "host") + ": " + strings.Join(names, ", ")
		if len(r.Map) > mostHosts {
			s += ", …"
		}
	}
	return s
}

// lookAgain says what to try where the check could not look.
func (r *Report) lookAgain(command bool) string {
	s := "asked: "
	switch len(r.servers) {
	case 0:
		s += "no name server, since the system names none"
	default:
		s += strings.Join(r.servers, ", ")
	}
	other := "another name server, such as 9.9.9.9:53 (Config.Resolvers, or launchcheck -resolver)"
	if command {
		other = "-resolver 9.9.9.9:53"
	}
	return s + "; try " + other + ", and see whether a firewall or a VPN keeps questions (port 53, UDP and TCP) or web requests back"
}
