package webpage

import (
	"net/http"
	"strings"
)

// Challenge names who asks the check to prove that it is a person, "" where
// nobody does. Such an answer says nothing about the service behind it.
func Challenge(h http.Header, body []byte) string {
	switch {
	case strings.EqualFold(h.Get("Cf-Mitigated"), "challenge"):
		return "Cloudflare"
	case h.Get("X-Amzn-Waf-Action") != "":
		return "AWS WAF"
	case strings.EqualFold(h.Get("X-Vercel-Mitigated"), "challenge"):
		return "Vercel"
	}
	text := strings.ToLower(string(body[:min(len(body), 64<<10)]))
	has := func(parts ...string) bool {
		for _, p := range parts {
			if !strings.Contains(text, p) {
				return false
			}
		}
		return true
	}
	switch {
	case has("<title>just a moment...</title>", "/cdn-cgi/challenge-platform/"),
		has("<title>just a moment...</title>", "_cf_chl_opt"),
		has("<title>attention required! | cloudflare</title>"):
		return "Cloudflare"
	case has("captcha-delivery.com", "datadome") && len(body) < weakPage:
		return "DataDome"
	case has("/_incapsula_resource", "incapsula incident id"):
		return "Imperva"
	}
	return ""
}
