package readiness

// The codes of the findings. The table in doc.go describes them; a test keeps
// the two the same.
const (
	codeMissing     = "env.missing"
	codePlaceholder = "env.placeholder"
	codeFormat      = "env.format"
	codeScheme      = "env.scheme"
	codeOneOf       = "env.one-of"
	codePrefix      = "env.prefix"
	codeTooShort    = "env.too-short"
	codeWhitespace  = "env.whitespace"
	codeQuoted      = "env.quoted"
)
