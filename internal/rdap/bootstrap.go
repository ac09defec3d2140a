package rdap

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

const (
	// Bootstrap is where the list of all registries lies.
	Bootstrap = "https://data.iana.org/rdap/dns.json"
	// MaxBody is the length in bytes up to which an answer is read.
	MaxBody = 256 << 10
	// MediaType is what to ask for (RFC 7480, section 4.2).
	MediaType = "application/rdap+json, application/json;q=0.9"
)

var (
	errList = errors.New("the list of registries cannot be read")
	// ErrNoServer says that the registry offers no RDAP over https.
	ErrNoServer = errors.New("the registry of this top-level domain offers no RDAP")
)

// Query returns the URL to ask about a domain, which is in lower case without
// the last dot, after the list of registries: of the entries that the domain
// lies under, that with the most labels counts.
func Query(list []byte, domain string) (string, error) {
	var file struct {
		Services [][][]string `json:"services"`
	}
	if len(list) > MaxBody || json.Unmarshal(list, &file) != nil || len(file.Services) == 0 {
		return "", errList
	}
	var found []string
	longest := 0
	for _, service := range file.Services {
		if len(service) != 2 {
			return "", errList
		}
		for _, entry := range service[0] {
			entry = strings.ToLower(strings.TrimSuffix(entry, "."))
			if len(entry) > longest && strings.HasSuffix(domain, "."+entry) {
				longest, found = len(entry), service[1]
			}
		}
	}
	for _, base := range found {
		u, err := url.Parse(base)
		if err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
			return u.JoinPath("domain", domain).String(), nil
		}
	}
	return "", ErrNoServer
}
