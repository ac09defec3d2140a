package route

import (
	"net"
	"net/http"
	"path"
	"strings"
)

// form is one spelling of a request's host and path.
type form struct {
	host    string
	path    string
	escaped bool // segments are unescaped one by one
	// lenient takes a path without its last slash for the one with it, as
	// ServeMux and others redirect it, and the other way round, as others
	// strip it.
	lenient bool
}

// spell appends the spellings of the request to forms: first the path as it
// was sent, then, where that is not a clean path and a plain host, what a
// router may make of it: routers go by the escaped path (ServeMux, chi) or by
// the decoded one, and clean it or not.
func (t *Table) spell(r *http.Request, forms []form) []form {
	host, plainHost := "", true
	if len(t.hosts) > 0 {
		host = r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		plainHost = host == plain(host)
	}
	if r.URL.RawPath == "" && plainHost && isClean(r.URL.Path) {
		return append(forms, form{host: host, path: r.URL.Path})
	}
	sent, decoded := rooted(r.URL.EscapedPath()), rooted(r.URL.Path)
	forms = append(forms, form{host: host, path: sent, escaped: true})
	host = plain(host)
	if r.URL.RawPath != "" {
		forms = append(forms,
			form{host: host, path: decoded},
			form{host: host, path: path.Clean(sent), escaped: true})
		// chi takes RawPath as it is, even where it is no encoding of Path.
		if raw := rooted(r.URL.RawPath); raw != sent {
			forms = append(forms,
				form{host: host, path: raw, escaped: true},
				form{host: host, path: path.Clean(raw), escaped: true})
		}
	}
	return append(forms, form{host: host, path: path.Clean(decoded)})
}

// maxMount is how many segments a mounted router may lie below the root for
// [mounted] to think of it.
const maxMount = 8

// mounted appends what a router that is mounted below a prefix, and cleans
// what follows it, makes of dots that lead out of the prefix: below /app, the
// path /app/../login is /login once more, and so /app/login in full.
func mounted(forms []form) []form {
	for _, f := range forms {
		if !strings.Contains(f.path, "/..") {
			continue
		}
		whole, at := f.path, 0
		for range maxMount {
			i := strings.IndexByte(whole[at+1:], '/')
			if i < 0 {
				break
			}
			at += 1 + i
			f.path = whole[:at] + path.Clean(whole[at:])
			forms = append(forms, f)
		}
	}
	return forms
}

// plain returns the one way to write a host: names are the same in any case
// (RFC 9110, section 4.2.3) and with the root's dot.
func plain(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// rooted returns path with a slash before it: "*", or what http.StripPrefix
// left, may lack one.
func rooted(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/" + path
}

// isClean reports whether path is what path.Clean makes of it.
func isClean(path string) bool {
	if path == "" || path[0] != '/' || len(path) > 1 && path[len(path)-1] == '/' {
		return false
	}
	for i := 1; i < len(path); i++ {
		if path[i-1] == '/' && (path[i] == '/' || path[i] == '.') {
			return false // a name that begins with a dot takes the longer way
		}
	}
	return true
}
