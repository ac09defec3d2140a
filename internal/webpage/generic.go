package webpage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	// weakPage is the size of a page from which on a weak sign says nothing.
	weakPage = 8 << 10
	// weakProse is how much a visitor can read on an error page: one with
	// more is about something.
	weakProse = 1000
	// sparse is how much may stand on a page that says nothing else, such as
	// the links of its header.
	sparse = 120
	// bareRest is the same where the phrase may be the name of something.
	bareRest = 40
)

// errorPhrases are what generic error pages say of themselves.
const errorPhrases = `internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|` +
	`application error|server error|unexpected error|` +
	`(?:(?:oops|uh[- ]oh|whoops|(?:we(?:'|’)re |we are )?sorry)[,!.:]* (?:but )?)?` +
	`(?:an (?:unexpected |unknown )?error (?:has )?occurred|something went wrong)(?: on our (?:side|end))?|` +
	`(?:page |file )?not found|(?:this |the )?page (?:could not|couldn(?:'|’)t|cannot|can(?:'|’)t) be found|forbidden|access denied|` +
	`unauthorized|bad request|too many requests|down for maintenance|account suspended|` +
	`(?:this |the |that )?page (?:does not|doesn(?:'|’)t) exist|(?:sorry, )?we (?:could not|couldn(?:'|’)t|cannot|can(?:'|’)t) find (?:this|the|that) page|` +
	`(?:this |the )?(?:site|website|service) is (?:temporarily )?(?:unavailable|down)(?: for maintenance)?`

const errorCodes = `40[0-59]|410|429|50[0-4]|52\d`

var (
	// wholePhrases are bodies of plain text that are an error and nothing else.
	wholePhrases = regexp.MustCompile(`(?i)^(?:error[:\s]*)?(?:[45]\d\d[:\s-]*)?(?:` + errorPhrases + `)[.!]?$`)
	// weakHeading is a title or heading that is such a phrase and no more.
	// Pages of documentation have the same headings, so it takes a page
	// without much else on it.
	weakHeading = regexp.MustCompile(`(?i)^(?:http )?(?:error|status)?[\s:#-]*(?:(?:` + errorCodes + `)[\s:.,–—-]*)?(?:` + errorPhrases + `)[.!]?$|` +
		`^(?:http )?(?:error |status )?(?:` + errorCodes + `)(?: error)?[.!]?$`)
	// nameLike are those that a film, a car or a bar may be called as well.
	nameLike = regexp.MustCompile(`(?i)^(?:` + errorCodes + `|access denied|forbidden|unauthorized|not found)[.!]?$`)
	// errorTalk is what only the text of an error page says.
	errorTalk = regexp.MustCompile(`(?i)\b(?:sorry|(?:something|what|that|it) (?:went|has gone) wrong|try again|(?:have|no|without) (?:the )?permission to|not allowed|not authori[sz]ed|` +
		`must be (?:logged|signed)|blocked|(?:your|server|site|system) administrator|(?:your|this|the) request|this server|(?:does not|doesn['’]t|no longer) exist|` +
		`(?:could not|couldn['’]t|cannot|can['’]t) (?:be found|find)|you(?: are| were|['’]re) looking for|nothing (?:is )?here|error)\b`)
	// toVisitor is what it says to whoever came there. An article about errors
	// tells of others.
	toVisitor = regexp.MustCompile(`(?i)\b(?:sorry|apologi[sz]e|try again|come back|your (?:request|administrator)|(?:this|that) (?:page|request|server|site|website|error)|` +
		`the requested (?:url|page|resource|file)|you(?: are|['’]re) not|you(?: are| were|['’]re) looking for|you (?:do not|don['’]t) have|` +
		`you (?:have been|must be|requested|tried|followed|may have)|(?:we|our \w+)(?: have|['’]ve) been|` +
		`we(?: are|['’]re) (?:working|having|experiencing)|the (?:page|link|address|url) (?:may|might) (?:have|be)|please (?:contact|check|return|go|wait))\b`)
	// allWell is what no page says that is shown because of an error.
	allWell = regexp.MustCompile(`(?i)\ball (?:systems|services)(?: are)? (?:up|running|operational|online)\b`)
	year    = regexp.MustCompile(`(?i)(?:©|\(c\)|copyright) *\d{4}(?: *[-–] *\d{4})?`)
)

// genericError tells an error page that says so in its title or heading, of
// whatever product. A page that says anything else is no such page.
func genericError(f Facts) (sign string) {
	prose := squeeze(f.Prose)
	if f.Size >= weakPage || len(prose) >= weakProse {
		return ""
	}
	g := generic{Facts: f, prose: prose, rest: len(prose), headings: slices.Concat(f.Headings, f.Subheadings)}
	g.text = prose
	for _, h := range g.headings {
		g.rest -= len(h)
		g.text = strings.Replace(g.text, h, "", 1)
	}
	if g.article() {
		return ""
	}
	if piece := g.title(); piece != "" {
		return fmt.Sprintf("its title says %q", piece)
	}
	if heading := g.heading(); heading != "" {
		return fmt.Sprintf("its heading says %q", heading)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(f.Prose), "\n")
	first = squeeze(first)
	if len(g.headings) == 0 && !f.Asks && !f.Script && len(prose)-len(first) < sparse && plain(first) {
		return fmt.Sprintf("it says %q and nothing else", first)
	}
	return ""
}

// generic is a small page that may be an error's.
type generic struct {
	Facts

	prose    string
	headings []string // both kinds
	text     string   // the prose besides them
	rest     int      // bytes of it
}

// plain reports whether a text is an error's and no name.
func plain(text string) bool { return weakHeading.MatchString(text) && !nameLike.MatchString(text) }

// article reports whether the text besides the headings is one of its own, and
// nothing in it is said to a visitor who got something else than he wanted.
func (g generic) article() bool { return g.rest >= sparse && !toVisitor.MatchString(g.text) }

// alone reports whether nothing but the phrase is on the page: no talk, and no
// price, year or number of rooms either.
func (g generic) alone(limit int) bool {
	if g.rest >= limit {
		return false
	}
	return !strings.ContainsFunc(year.ReplaceAllString(g.text, ""), unicode.IsDigit)
}

// title returns the part of a title that is an error's.
func (g generic) title() string {
	heading := slices.ContainsFunc(g.headings, weakHeading.MatchString)
	if plain(g.Title) {
		if !heading && len(g.headings) > 0 && allWell.MatchString(g.text) {
			return ""
		}
		return g.Title
	}
	piece := errorPiece(g.Title)
	switch {
	case piece == "":
		return ""
	case plain(piece):
		if heading || g.alone(sparse) || g.talks(piece) {
			return piece
		}
	case g.named(piece):
		return piece
	}
	return ""
}

// named reports whether a phrase that may be a name is none on this page.
func (g generic) named(phrase string) bool {
	return g.alone(bareRest) || plain(g.prose) || g.talks(phrase)
}

// talks reports whether the text besides a phrase is that of an error page.
func (g generic) talks(phrase string) bool {
	return errorTalk.MatchString(strings.ReplaceAll(g.prose, phrase, ""))
}

// heading returns the heading that is an error's, be it split in two, or under
// the name of the site.
func (g generic) heading() string {
	n := len(g.Headings)
	if n == 0 || n > 2 {
		return ""
	}
	first, last := g.Headings[0], g.Headings[n-1]
	short := len(strings.Fields(first)) <= 3 // as the name of a site is
	switch {
	case n == 1 && plain(last), n == 1 && weakHeading.MatchString(last) && g.named(last):
		return last
	case n == 1 && short && len(g.Subheadings) == 1 && plain(g.Subheadings[0]) && g.told(g.Subheadings[0]):
		return g.Subheadings[0]
	case n == 2 && plain(first+" "+last), n == 2 && short && plain(last) && g.told(last):
		return last
	}
	return ""
}

// told reports whether the rest of a page goes with an error's heading.
func (g generic) told(heading string) bool {
	return g.rest < 3*sparse && (g.alone(sparse) || g.talks(heading))
}

// errorPiece returns the part of a title that is an error's, of those that
// sites put beside their own name.
func errorPiece(title string) string {
	if weakHeading.MatchString(title) {
		return title
	}
	for _, between := range []string{" | ", " - ", " – ", " — ", " · ", " :: "} {
		for piece := range strings.SplitSeq(title, between) {
			if piece = strings.TrimSpace(piece); len(piece) < len(title) && weakHeading.MatchString(piece) {
				return piece
			}
		}
	}
	return ""
}
