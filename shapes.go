package readiness

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clearPlaceholder reports a shape that no real value has. strict is for
// secrets: it also finds the shapes inside a longer value and as free text.
func clearPlaceholder(s string, strict bool) bool {
	if len(s) < 3 || len(s) > maxChecked {
		return false
	}
	if shaped(s, strict) {
		return true
	}
	if len(s) > 200 { // words to fill in are short, keys and certificates long
		return false
	}
	lower := strings.ToLower(s)
	words := strings.FieldsFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) > 1 && (words[0] == "please" || words[0] == "pls" || words[0] == "plz") {
		words = words[1:]
	}
	if len(words) == 0 || len(words) > 8 {
		return false
	}
	first := strings.TrimRight(words[0], "0123456789")
	switch first {
	case "changeme", "changethis", "changeit", "replaceme", "replacethis", "fillme", "fillmein", "setme", "insertme", "enterme", "editme", "updateme":
		return true
	}
	spaced := strings.ContainsFunc(s, unicode.IsSpace)
	if len(words) > 1 && (!spaced || strict || len(words) <= 3) {
		switch first + " " + strings.TrimRight(words[1], "0123456789") {
		case "change me", "change this", "change it", "replace me", "replace this", "replace with", "fill me", "fill this", "set me", "insert here":
			return true
		}
	}
	if yours(words, spaced && !strict) && (strict || !mayBeName(words)) {
		return true
	}
	return strict && secretPlaceholder(s, lower, words)
}

// secretPlaceholder reports what only stands for a secret, with the words of
// s in lower case.
func secretPlaceholder(s, lower string, words []string) bool {
	if orders(words) {
		return true
	}
	for _, inside := range [...]string{
		"changeme", "change-me", "change_me", "changethis", "change-this", "change_this", "replaceme", "replace-me", "replace_me", "placeholder",
		"your-api", "your_api", "your-secret", "your_secret", "your-key", "your_key", "your-token", "your_token", "yourapikey", "yoursecret",
		"random-string", "random_string", "randomstring", "django-insecure-",
	} {
		if strings.Contains(lower, inside) {
			return true
		}
	}
	if i := strings.LastIndexAny(s, "-_"); i >= 0 && len(s)-i > 3 && strings.Trim(s[i+1:], "xX*•") == "" {
		return true // sk_live_xxx
	}
	return strings.HasSuffix(s, "...") || strings.HasSuffix(s, "EXAMPLE") || strings.HasSuffix(s, "EXAMPLEKEY")
}

// orders reports a note to whoever fills the secret in: "TODO set before
// launch", ENTER_VALUE, "put the key here".
func orders(words []string) bool {
	switch words[0] {
	case "todo", "fixme":
		return true
	case "insert", "enter", "put", "add", "paste", "set", "fill", "provide", "replace", "change", "generate":
		if len(words) > 1 && !slices.ContainsFunc(words[1:], func(w string) bool { return !fillable(w) && !tradeWord(w) && !filler(w) }) {
			return true
		}
	}
	// "correct horse battery here" is a pass phrase.
	return len(words) > 1 && words[len(words)-1] == "here" &&
		slices.ContainsFunc(words[:len(words)-1], func(w string) bool {
			return fillable(w) || tradeWord(w) || strings.HasPrefix(w, "your") || w == "goes" || w == "paste" || w == "insert" || w == "put" || w == "enter"
		})
}

// filler reports the words between "insert" and "secret".
func filler(w string) bool {
	switch w {
	case "a", "an", "the", "your", "my", "our", "in", "here", "real", "own", "new", "random", "strong", "long", "production", "prod", "live":
		return true
	default:
		return false
	}
}

// mayBeName reports what somebody may well have called a thing: yourapp. In
// the name of a host it is a placeholder, see hostPlaceholder.
func mayBeName(words []string) bool {
	if len(words) != 1 {
		return false
	}
	switch words[0] {
	case "yourapp", "yourcompany", "yourproject", "yourorg", "yourorganization", "youraccount", "yourserver", "yourregion":
		return true
	default:
		return false
	}
}

// shaped reports a placeholder by its form alone, whatever its words are: it
// is one in the path of a URL too.
func shaped(s string, strict bool) bool {
	if len(s) < 3 {
		return false
	}
	if masked(s) || inBrackets(s, strict) {
		return true
	}
	if !strings.Contains(s, "=") {
		return false
	}
	for pair := range strings.FieldsFuncSeq(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(";&,", r) }) {
		name, value, _ := strings.Cut(pair, "=")
		if len(value) >= 3 && validEnvName(name) && (masked(value) || value[0] == '<' && inBrackets(value, strict)) {
			return true // host=db password=<password>
		}
	}
	return false
}

// shouted reports words to fill in that are written as such, in capitals with
// _ between: YOUR_PROJECT. The path of a URL may well be /your-project.
func shouted(s string) bool {
	return strings.Contains(s, "_") && s == strings.ToUpper(s) && clearPlaceholder(s, false)
}

// yours reports words such as "your api key here" and "insert your token". As
// free text, "Your account" is a heading: then only "here" at the end tells.
func yours(words []string, text bool) bool {
	last := words[len(words)-1]
	switch words[0] {
	case "insert", "enter", "put", "add", "paste", "use":
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	noun, ok := strings.CutPrefix(words[0], "your")
	switch {
	case !ok:
		return false
	case len(words) == 1: // yourdomain, YourApiKey
		return fillable(noun)
	case noun != "" && !fillable(noun):
		return false
	case text:
		return last == "here"
	default:
		return fillable(last)
	}
}

// fillable reports what forms ask to be filled in after "your".
func fillable(noun string) bool {
	switch noun {
	case "key", "secret", "token", "password", "pass", "passwd", "pwd", "host", "hostname", "domain", "url", "uri", "user", "username", "email",
		"id", "name", "value", "database", "db", "dbname", "bucket", "account", "project", "region", "dsn", "org", "organization", "company",
		"app", "api", "apikey", "secretkey", "accesskey", "credentials", "server", "endpoint", "ref", "here", "apikeyhere", "keyhere", "secrethere":
		return true
	default:
		return false
	}
}

// masked reports values that someone blotted out: xxx, XXXX-XXXX, sk_xxxxxxxx,
// ***, sk_****1234.
func masked(s string) bool {
	blots, others, run, longest, before := 0, 0, 0, 0, rune(-1)
	for _, r := range s {
		switch r {
		case 'x', 'X', '*', '•':
			blots++
			if r == before {
				run++
			} else {
				run = 1
			}
			if r == '*' || r == '•' {
				longest = max(longest, run+2) // four stars tell as much as six x
			} else {
				longest = max(longest, run)
			}
		case '-', '_', '.', '{', '}', '<', '>':
		default:
			others++
		}
		before = r
	}
	return others == 0 && blots >= 3 || longest >= 6
}

// inBrackets reports <anything to fill in>, and other brackets around a shape.
func inBrackets(s string, strict bool) bool {
	first, last := s[0], s[len(s)-1]
	switch {
	case first == '<' && last == '>':
		inner := s[1 : len(s)-1]
		letter, _ := utf8.DecodeRuneInString(inner)
		return len(inner) <= 60 && unicode.IsLetter(letter) && !strings.ContainsFunc(inner, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-./!?'’…", r)
		})
	case first == '[' && last == ']', first == '{' && last == '}', first == '(' && last == ')':
		inner := strings.Trim(s, "[]{}() ")
		return clearPlaceholder(inner, strict) || strict && (weakSecret(inner) || barePlaceholder(inner))
	default:
		return false
	}
}

// barePlaceholder reports the notes that people leave as a whole value.
func barePlaceholder(s string) bool {
	if len(s) > 200 {
		return false
	}
	lower := strings.ToLower(strings.TrimRight(s, "!.? "))
	switch lower {
	case "":
		return len(s) >= 3 && strings.Trim(s, ".") == "" // "..."
	case "…", "todo", "fixme", "tbd", "tba", "tbc", "placeholder", "undefined", "[object object]", "to do", "to be defined", "to be done", "to be determined", "to be added":
		return true
	}
	note, _, found := strings.Cut(lower, ":")
	return found && slices.Contains([]string{"todo", "fixme", "tbd"}, note)
}
