package webpage

import "regexp"

// weakTraces are what a program says when it breaks. Documentation quotes
// them, so they count only where a visitor reads them as the page's own words.
var weakTraces = []struct {
	product string
	pre     bool // it comes in a pre element, too
	match   *regexp.Regexp
}{
	{"Go", true, regexp.MustCompile(`goroutine \d+ \[running\]:\s*\S+\(`)},
	{"Go", true, regexp.MustCompile(`panic: runtime error: [a-z]`)},
	{"Go", true, regexp.MustCompile(`\btemplate: [^\s<>"]+:\d+(?::\d+)?: executing "`)},
	{"Go", true, regexp.MustCompile(`\bdial tcp \S+: (?:connect: [a-z]|lookup |i/o timeout)`)},
	{"Go", false, regexp.MustCompile(`\bsql: (?:no rows in result set|database is closed|Scan error on column index)`)},
	{"Python", true, regexp.MustCompile(`Traceback \(most recent call last\):\s+File "`)},
	{"Java", true, regexp.MustCompile(`(?:Exception|Error)[^\n]*\s+at [\w.$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)`)},
	{"Node.js", true, regexp.MustCompile(`Error: [^\n]*\s+at [^\n]*\([^()\n]*\.[cm]?[jt]s:\d+:\d+\)`)},
	{"Ruby", true, regexp.MustCompile(`[\w/.-]+\.rb:\d+:in [` + "`" + `'][\w#:?! ]+'`)},
	{"PHP", true, regexp.MustCompile(`(?:PHP )?(?:Fatal error|Parse error|Warning): [^\n]* in /[^\n]*\.php(?: on line |:)\d+`)},
	{"MySQL", false, regexp.MustCompile(`You have an error in your SQL syntax; check the manual`)},
	{"PostgreSQL", false, regexp.MustCompile(`pg_query\(\): Query failed|ERROR: +[a-z][^\n]* \(SQLSTATE [0-9A-Z]{5}\)`)},
	{"PostgreSQL", true, regexp.MustCompile(`\bpq: (?:(?:relation|column|role|database|schema|function|constraint) "|password authentication|duplicate key value|syntax error at|null value in column|` +
		`invalid input|permission denied|deadlock detected|canceling statement|sorry, too many clients|SSL is not enabled|insert or update on table|value too long|the database system)`)},
	{"PostgreSQL", true, regexp.MustCompile("\\bfailed to connect to `(?:host|user)=")},
	{"Oracle", false, regexp.MustCompile(`\bORA-\d{5}: `)},
	{"SQL Server", false, regexp.MustCompile(`Unclosed quotation mark (?:after|before) the character string`)},
	{"SQLite", false, regexp.MustCompile(`SQLITE_ERROR: |sqlite3\.OperationalError: `)},
}
