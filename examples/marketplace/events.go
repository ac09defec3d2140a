package main

// What the application counts, beside its answers: a page that says "wrong
// password" is a good answer, and a hundred of them are an attack.
const (
	eventLoginFailed      = "login_failed"
	eventSignup           = "signup"
	eventRequestCreated   = "request_created"
	eventRequestDecided   = "request_decided"
	eventPaymentReceived  = "payment_received"
	eventWebhookRefused   = "webhook_failed"
	eventEmailSent        = "email_sent"
	eventEmailFailed      = "email_failed"
	eventEmailUndelivered = "email_given_up"
)

// events lists them, for metrics.Config.
func events() []string {
	return []string{
		eventLoginFailed, eventSignup, eventRequestCreated, eventRequestDecided, eventPaymentReceived, eventWebhookRefused,
		eventEmailSent, eventEmailFailed, eventEmailUndelivered,
	}
}
