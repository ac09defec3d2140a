package readiness

// The codes of the environment family.
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
	codeVanished    = "env.vanished"
)

// codeRow says what every finding of a code has in common. The table of
// doc.go lists the same rows; a test keeps the two the same.
type codeRow struct {
	Code     string
	Severity Severity // the usual one; a finding may have another for a reason
	Title    string   // in a few words, what is wrong
	Ref      string   // the section of the standard; may be empty
}

// envCodes are the rows of the environment family, whose titles say more
// where they can.
func envCodes() []codeRow {
	return []codeRow{
		{codeMissing, Blocker, "not set", ""},
		{codePlaceholder, Blocker, "a placeholder", ""},
		{codeFormat, Blocker, "not of its format", ""},
		{codeScheme, Blocker, "a URL of another scheme than those allowed", "RFC 3986 section 3.1"},
		{codeOneOf, Blocker, "none of the values that are allowed", ""},
		{codePrefix, Blocker, "does not begin as it must", ""},
		{codeTooShort, Blocker, "shorter than it must be", ""},
		{codeWhitespace, Medium, "white space or an invisible character around the value", ""},
		{codeQuoted, Medium, "quotes around the value are part of it", ""},
		{codeVanished, High, "was set in the last release and is missing now", ""},
	}
}

// codeRows returns the rows of every family.
func codeRows() []codeRow {
	rows := append(envCodes(), handoverCodes()...)
	rows = append(rows, engineCodes()...)
	for _, f := range families() {
		rows = append(rows, f.codes...)
	}
	return rows
}
