package main

import (
	"net"
	"os"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/ratelimit"
)

// The administrator of a marketplace that only this machine can reach, so
// that examples/postdeploy finds one without any environment.
const (
	developmentAdmin    = "admin@market.example"
	developmentPassword = "review the queue"
)

// environment declares every variable that the program reads. In development
// all of them may be missing.
func environment(production bool) readiness.Config {
	optional := !production
	domain := os.Getenv("DOMAIN")
	var mail []readiness.Mail
	if domain != "" && os.Getenv("SMTP_URL") != "" {
		mail = []readiness.Mail{{Sends: true}}
	}
	return readiness.Config{
		Domain: domain, Mail: mail,
		Env: []readiness.EnvVar{
			{Name: "APP_ENV", OneOf: []string{"development", "production"}, Optional: true},
			{Name: "SESSION_SECRET", Secret: true, MinLength: 32, Optional: optional},
			{Name: "WEBHOOK_SECRET", Secret: true, MinLength: 32, Optional: optional},
			{Name: "PUBLIC_URL", Format: readiness.URL, Schemes: []string{"https"}, Optional: optional},
			{Name: "ADMIN_EMAIL", Format: readiness.Email, Optional: optional},
			{Name: "ADMIN_PASSWORD", Secret: true, MinLength: 10, Optional: optional},
			{Name: "SMTP_URL", Format: readiness.URL, Schemes: []string{"smtp", "smtps"}, Secret: true, Optional: optional},
			{Name: "MAIL_FROM", Format: readiness.Email, Optional: optional},
			{Name: "REDIS_URL", Format: readiness.URL, Schemes: []string{"redis", "rediss"}, Secret: true, Optional: true},
			{Name: "METRICS_TOKEN", Secret: true, MinLength: 32, Optional: true},
			{Name: "DOMAIN", Optional: true},
			{Name: "BEHIND_PROXY", OneOf: []string{"none", "private", "cloudflare"}, Optional: true},
		},
	}
}

// configuration is what the environment says, after the self-check found no
// fault with it, completed for development.
func configuration(o options, production bool) (appConfig, error) {
	cfg := appConfig{
		StateDir:      o.state,
		SessionSecret: []byte(os.Getenv("SESSION_SECRET")),
		WebhookSecret: []byte(os.Getenv("WEBHOOK_SECRET")),
		PublicURL:     os.Getenv("PUBLIC_URL"),
		SMTPURL:       os.Getenv("SMTP_URL"),
		MailFrom:      os.Getenv("MAIL_FROM"),
		AdminEmail:    os.Getenv("ADMIN_EMAIL"),
		AdminPassword: os.Getenv("ADMIN_PASSWORD"),
		SecureCookies: production,
		Release:       release(),
	}
	if production {
		return cfg, nil
	}
	for _, secret := range []*[]byte{&cfg.SessionSecret, &cfg.WebhookSecret} {
		if len(*secret) == 0 {
			id, err := randomID()
			if err != nil {
				return cfg, err
			}
			*secret = []byte(id)
		}
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://" + o.addr
	}
	if cfg.AdminEmail == "" {
		cfg.AdminEmail = developmentAdmin
	}
	if cfg.AdminPassword == "" {
		cfg.AdminPassword = developmentPassword
		if !loopback(o.addr) { // others can reach it: no known password
			id, err := randomID()
			if err != nil {
				return cfg, err
			}
			cfg.AdminPassword = id
		}
	}
	return cfg, nil
}

// clientIP says whose word is taken for a client's address.
func clientIP() ratelimit.ClientIP {
	switch os.Getenv("BEHIND_PROXY") {
	case "private":
		return ratelimit.ClientIP{TrustedProxies: ratelimit.PrivateNetworks(), Header: "X-Forwarded-For"}
	case "cloudflare":
		return ratelimit.ClientIP{TrustedProxies: ratelimit.CloudflareRanges(), Header: "CF-Connecting-IP"}
	default:
		return ratelimit.ClientIP{}
	}
}

// snapshotTokens are what the check after a deploy shows to read the live
// figures; without METRICS_TOKEN nobody reads them.
func snapshotTokens() []string {
	if token := os.Getenv("METRICS_TOKEN"); token != "" {
		return []string{token}
	}
	return nil
}

// loopback reports whether only this machine reaches the address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
