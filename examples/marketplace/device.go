package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

const (
	deviceLife         = 180 * 24 * time.Hour
	plainDeviceCookie  = "device"
	secureDeviceCookie = "__Host-device"
)

// rememberDevice gives a browser that has logged in a cookie which says that
// the account knows it. It opens nothing: it only keeps somebody else's
// guesses at the password from slowing this browser down.
func (a *app) rememberDevice(w http.ResponseWriter, email string) {
	http.SetCookie(w, &http.Cookie{
		Name: a.deviceCookie(), Value: a.deviceMAC(email), Path: "/", MaxAge: int(deviceLife / time.Second),
		HttpOnly: true, Secure: a.cfg.SecureCookies, SameSite: http.SameSiteLaxMode,
	})
}

// knownDevice reports whether a login comes from a browser that has logged in
// to this very account before. It reads the form.
func (a *app) knownDevice(r *http.Request) bool {
	c, err := r.Cookie(a.deviceCookie())
	return err == nil && hmac.Equal([]byte(c.Value), []byte(a.deviceMAC(r.PostFormValue("email"))))
}

func (a *app) deviceCookie() string {
	if a.cfg.SecureCookies {
		return secureDeviceCookie
	}
	return plainDeviceCookie
}

func (a *app) deviceMAC(email string) string {
	mac := hmac.New(sha256.New, a.cfg.SessionSecret)
	mac.Write([]byte("device\x00" + strings.ToLower(strings.TrimSpace(email))))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
