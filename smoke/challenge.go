package smoke

// challengeText is the verdict on a challenge, with what helps.
func challengeText(resp *Response, who string) string {
	return resp.request() + " was answered by a bot challenge of " + who + " and not by the service (" + statusText(resp.Status) +
		"): let the check through there, by its address or by a header of Config.SecretHeader"
}
