package smoke

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// maxAssets and maxImages bound how many files of its pages a run fetches. A
// gallery does not stand in the way of the scripts of the next page.
const (
	maxAssets = 100
	maxImages = 40
)

// inspectAssets fetches the scripts, stylesheets and images of a page that lie
// on the target, each once a run, and looks whether they come and for how
// long a browser may keep them.
func (s *Session) inspectAssets(page *Response) {
	base := documentBase(page.url, page.facts.Base)
	shown := s.last // a failure of the page itself shows the page
	defer func() { s.last = shown }()
	var fleeting []string
	left := 0
	for _, ref := range page.facts.Refs {
		if !ref.Asset {
			continue
		}
		u, err := base.Parse(ref.Address)
		if err != nil || s.run.target.allows(u) != "" {
			continue
		}
		u.Fragment, u.RawFragment = "", ""
		if s.run.assets[u.String()] {
			continue
		}
		if !s.run.mayFetch(ref) {
			left++
			continue
		}
		s.run.assets[u.String()] = true
		resp, err := s.travel(http.MethodGet, u, http.Header{"Accept": {"*/*"}}, nil, true)
		if _, ok := errors.AsType[*elsewhereError](err); ok {
			continue // on a storage of somebody else
		}
		if problem := brokenAsset(ref, resp, err); problem != "" {
			found := finding{rule: BrokenAsset, severity: failure, text: fmt.Sprintf("%s needs %s, which %s", page.request(), redact.Path(u), problem)}
			if ref.Tag == "img" {
				found.severity = warning
			}
			s.find(found)
			continue
		}
		if !hasLifetime(resp.Header, time.Now()) {
			fleeting = append(fleeting, redact.Path(u))
		}
	}
	if left > 0 {
		s.find(finding{rule: BrokenAsset, severity: information, text: fmt.Sprintf("%d more files of %s were not fetched", left, page.request())})
	}
	if n := len(fleeting); n > 0 {
		more := ""
		if n > 3 {
			fleeting, more = fleeting[:3], fmt.Sprintf(" and %d more", n-3)
		}
		s.find(finding{rule: AssetCaching, severity: warning, text: "browsers fetch these again and again, for want of a max-age: " + strings.Join(fleeting, ", ") + more})
	}
}

// mayFetch counts a file, and reports whether it is still one of the first.
func (r *run) mayFetch(ref webpage.Reference) bool {
	if ref.Tag == "img" {
		r.images++
		return r.images <= maxImages
	}
	r.files++
	return r.files <= maxAssets
}

// brokenAsset says why a file of a page is of no use, "" where it is.
func brokenAsset(ref webpage.Reference, resp *Response, err error) string {
	switch {
	case err != nil:
		return "could not be fetched: " + err.Error()
	case resp.Status != http.StatusOK:
		return "answered " + statusText(resp.Status)
	case ref.Tag != "img" && webpage.IsHTML(resp.media()) && len(resp.Body) > 0:
		return "is a page in its place"
	}
	return ""
}
