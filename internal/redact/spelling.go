package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	// everywhere are the signs that no escape changes.
	everywhere = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
	// inComponent and inAddress are what encodeURIComponent and encodeURI of a
	// browser leave alone.
	inComponent = everywhere + "!*'()"
	inAddress   = inComponent + ";,/?:@&=+$#"
)

var percentUpper = regexp.MustCompile(`%[0-9A-F]{2}`)

// spellings returns the forms in which a value stands most often in a page, a
// document, an address, an error or a log. A Redactor knows more of them,
// because it reads a text in plain too; these are found where a sign before or
// behind a value makes something else of it there. The value itself comes
// first, and then its base64.
func spellings(value string) []string {
	all := []string{value, base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value))}
	if strings.Trim(value, everywhere) == "" {
		return all
	}
	quoted := strconv.Quote(value)
	ascii := strconv.QuoteToASCII(value)
	escaped := html.EscapeString(value)
	query, path := url.QueryEscape(value), url.PathEscape(value)
	all = append(all,
		query, path, strings.ReplaceAll(query, "+", "%20"), lowerPercent(query), lowerPercent(path),
		percent(value, inComponent), percent(value, inAddress),
		escaped, strings.ReplaceAll(escaped, "+", "&#43;"),
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(escaped),
		strings.ReplaceAll(escaped, "&#39;", "&#x27;"),
		quoted[1:len(quoted)-1], ascii[1:len(ascii)-1],
	)
	if text, err := json.Marshal(value); err == nil {
		all = append(all, string(text[1:len(text)-1]))
	}
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) == nil {
		text := strings.TrimSuffix(plain.String(), "\n")
		text = text[1 : len(text)-1]
		all = append(all, text, strings.ReplaceAll(text, "/", `\/`)) // the second as PHP writes it
	}
	return all
}

func lowerPercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	return percentUpper.ReplaceAllStringFunc(s, strings.ToLower)
}

// percent escapes for an address all but the signs that are left alone.
func percent(value, alone string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		if strings.IndexByte(alone, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// minPiece is the shortest piece of base64 that is looked for.
const minPiece = 8

// base64Pieces are what base64 of a longer text holds of a value that stands
// in it, such as that of user:password in a header: one for each of the three
// places where the value may begin. The signs at both ends, which hold bits of
// what stands around it, are left out.
func base64Pieces(value string) []string {
	var pieces []string
	for lead := range 3 {
		text := []byte("\x00\x00"[:lead] + value)
		from, to := (8*lead+5)/6, 8*len(text)/6
		if to-from < minPiece {
			continue
		}
		pieces = append(pieces, base64.StdEncoding.EncodeToString(text)[from:to], base64.URLEncoding.EncodeToString(text)[from:to])
	}
	return pieces
}

// base64Sign reports a sign of base64, of either alphabet.
func base64Sign(c byte) bool {
	return c != '.' && c != '~' && strings.IndexByte(everywhere, c) >= 0 || c == '+' || c == '/' || c == '='
}
