package secretscan

import "strings"

// tokens are the rules for secrets that tell themselves by how they begin.
func tokens() []rule {
	return []rule{
		token("aws-access-key-id", `(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}`, 3, "akia", "asia", "abia", "acca"),
		token("github-token", `gh[opsur]_[A-Za-z0-9]{36,}`, 3.5, "ghp_", "gho_", "ghs_", "ghu_", "ghr_"),
		{id: "github-token", keywords: []string{"ghs_"}, alone: true, apart: "-", reach: maxReach, known: true, find: installationToken},
		token("github-fine-grained-token", `github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}`, 3.5, "github_pat_"),
		token("gitlab-token", `gl(?:pat|dt|rt|cbt|ptt|soat|agent)-[A-Za-z0-9_-]{20,}(?:\.[0-9a-z]{2}\.?[0-9a-z]{7,9})?`, 3.5,
			"glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-", "glagent-"),
		{ // none ends in capitals alone, as RANDOMSTRINGHERE1 does
			id: "slack-token", keywords: []string{"xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xoxe-"}, alone: true, entropy: 3,
			pattern: `(?<secret>xox[abprse]-(?:[0-9A-Za-z]{1,14}-){1,4}(?<drawn>[0-9A-Za-z]{16,}))`,
			accept: func(m match) bool {
				return strings.ContainsFunc(m.group("drawn"), func(r rune) bool { return lower(byte(r)) })
			},
		},
		token("slack-app-token", `xapp-\d-[A-Z0-9]{8,14}-\d{8,16}-[0-9a-f]{32,}`, 3, "xapp-"),
		token("stripe-key", `[sr]k_live_[A-Za-z0-9]{24,}`, 3.5, "sk_live_", "rk_live_"),
		token("stripe-webhook-secret", `whsec_[A-Za-z0-9+/]{32,}={0,2}`, 3.5, "whsec_"),
		token("google-api-key", `AIza[0-9A-Za-z_-]{35}`, 3.5, "aiza"),
		token("google-oauth-secret", `GOCSPX-[0-9A-Za-z_-]{28}`, 3.5, "gocspx-"),
		token("sendgrid-key", `SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`, 4, "sg."),
		{ // in cache-key-<hash>, the word goes on before it
			id: "mailgun-key", keywords: []string{"key-"}, entropy: 3, alone: true, apart: "-",
			pattern: `(?<secret>key-[0-9a-f]{32})`,
		},
		token("twilio-key", `SK[0-9a-f]{32}`, 3, "sk"),
		token("npm-token", `npm_[A-Za-z0-9]{36}`, 3.5, "npm_"),
		token("pypi-token", `pypi-AgE[A-Za-z0-9_-]{50,}`, 3.5, "pypi-age"),
		token("docker-token", `dckr_[po]at_[A-Za-z0-9_-]{27,}`, 3.5, "dckr_pat_", "dckr_oat_"),
		token("openai-key", `sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}|[A-Za-z0-9]{48})`, 4, "sk-"),
		token("anthropic-key", `sk-ant-(?:api|admin|oat|sid)\d\d-[A-Za-z0-9_-]{60,}`, 4, "sk-ant-"),
		{ // its own beginning holds a word of placeholders
			id: "supabase-key", keywords: []string{"sb_secret_"}, alone: true, entropy: 3.5, known: true,
			pattern: `(?<secret>sb_secret_(?<drawn>[A-Za-z0-9_-]{31}))`,
			accept:  func(m match) bool { return !placeholder(m.group("drawn")) },
		},
		token("brevo-key", `xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}`, 3.5, "xkeysib-"),
		token("digitalocean-token", `do[opr]_v1_[0-9a-f]{64}`, 3, "dop_v1_", "doo_v1_", "dor_v1_"),
		token("cloudflare-origin-key", `v1\.0-[0-9a-f]{24}-[0-9a-f]{146}`, 3, "v1.0-"),
		token("huggingface-token", `hf_[A-Za-z]{34}`, 3.5, "hf_"),
		token("shopify-token", `shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}`, 3, "shpat_", "shpca_", "shppa_", "shpss_"),
		token("grafana-token", `glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}`, 3.5, "glsa_"),
		token("vault-token", `hvs\.[A-Za-z0-9_-]{90,}`, 4, "hvs."),
		{ // in the URLs of its API, and so in Go's errors, bot stands before it
			id: "telegram-bot-token", keywords: []string{":aa"}, back: digit, alone: true, joined: "bot", entropy: 4,
			pattern: `(?<secret>\d{8,10}:AA[A-Za-z0-9_-]{33})`,
		},
		{
			id: "slack-webhook", keywords: []string{"hooks.slack.com"}, entropy: 3, // JSON may have \/
			pattern: `hooks\.slack\.com\\{0,3}/(?:services|workflows|triggers)\\{0,3}/[A-Z0-9]{8,}\\{0,3}/[A-Z0-9]{8,}\\{0,3}/(?<secret>[A-Za-z0-9/]{20,})`,
		},
		{
			id: "discord-webhook", keywords: []string{"api/webhooks/", `api\/webhooks\/`, `api\\/webhooks\\/`}, entropy: 4,
			pattern: `api\\{0,3}/webhooks\\{0,3}/\d{17,20}\\{0,3}/(?<secret>[A-Za-z0-9_-]{60,80})`,
		},
	}
}
