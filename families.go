package readiness

import "context"

// family is a group of rules that is looked at as one, beside the others.
type family struct {
	name  string
	check func(*look, context.Context)
	codes []codeRow
}

// families returns the groups that look beyond the environment. Each check
// runs in a goroutine of its own and returns when all it started has ended,
// soon after its context does.
func families() []family {
	return []family{
		{"dns", (*look).checkNames, append(registrationCodes(), dnsCodes...)},
		{"mail", (*look).checkMail, mailCodes()},
		{"web", (*look).checkWeb, webCodes()},
	}
}

// familyNames are the words that Config.Only knows.
func familyNames() []string { return []string{"env", "dns", "mail", "web"} }
