package redact_test

import (
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/redact"
)

// What nobody declared is hidden in a body by its name or by its shape.
func TestTheBodyOfAFailure(t *testing.T) {
	t.Parallel()
	const plantedJWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	for text, want := range map[string]string{
		`{"access_token":"|","n":1}`:                                        `{"access_token":"«hidden»","n":1}`,
		`{"refresh_token": "|", "api_key": "|"}`:                            `{"refresh_token": "«hidden»", "api_key": "«hidden»"}`,
		`{"password":"ab\"|","x":"y"}`:                                      `{"password":"«hidden»","x":"y"}`,
		`"{\"password\":\"|\",\"x\":\"y\"}"`:                                `"{\"password\":\"«hidden»\",\"x\":\"y\"}"`,
		`{&quot;dbPass&quot;:&quot;|&quot;,&quot;x`:                         `{&quot;dbPass&quot;:&quot;«hidden»&quot;,&quot;x`,
		`{"pin": 1234, "tokens": ["|"]}`:                                    `{"pin": «hidden», "tokens": [«hidden»]}`,
		`{"token":"|`:                                                       `{"token":"«hidden»`,
		`{"code":"|"}`:                                                      `{"code":"«hidden»"}`,
		`<a href="/reset?token=|">`:                                         `<a href="/reset?token=«hidden»">`,
		`<a href="/x?a=1&amp;key=|&amp;b=2">`:                               `<a href="/x?a=1&amp;key=«hidden»&amp;b=2">`,
		`"/x?a=1\u0026code=q7\u0026b=2"`:                                    `"/x?a=1\u0026code=«hidden»\u0026b=2"`,
		`{"password":"is-not-in-2"}`:                                        `{"password":"«hidden»"}`,
		`?token=ab%26|&x=1`:                                                 `?token=«hidden»&x=1`,
		`<div data-token="|" class="b">`:                                    `<div data-token="«hidden»" class="b">`,
		`<input type="hidden" name="reset_token" value="|">`:                `<input type="hidden" name="reset_token" value="«hidden»">`,
		`<input value='|"|' name='reset_token'>`:                            `<input value="«hidden»" name='reset_token'>`,
		`<meta name="api-key" content="|">`:                                 `<meta name="api-key" content="«hidden»">`,
		`<access_token>|</access_token>`:                                    `<access_token>«hidden»</access_token>`,
		`<a href="/confirm?token=correct horse">`:                           `<a href="/confirm?token=«A NAME»">`,
		`<a href="/confirm?token=correct horse&amp;key=|">`:                 `<a href="/confirm?token=«A NAME»&amp;key=«hidden»">`,
		`<a href="/confirm?token=correct horse|">`:                          `<a href="/confirm?token=«hidden»">`,
		"DB_PASS=| PORT=80":                                                 "DB_PASS=«hidden» PORT=80",
		"Authorization: Bearer |":                                           "Authorization: Bearer «hidden»",
		"X-Api-Key: |\nAccept: text/html":                                   "X-Api-Key: «hidden»\nAccept: text/html",
		"[db_password] => |":                                                "[db_password] => «hidden»",
		"it is " + plantedJWT + ".":                                         "it is «hidden»",
		"dial postgres://app:|@db/app":                                      "dial postgres://app:«hidden»@db/app",
		"got sk_live" + "_51NqT7bKw2Rz8Ym4VxHc9Lp3Df today":                 "got «hidden» today",
		"-----BEGIN PRIVATE" + " KEY-----\n|\n|\n-----END PRIVATE KEY-----": "«hidden»",
	} {
		const value = "q7Zx2Lm9Kw4Tr8Vn1Bc"
		text, want = strings.ReplaceAll(text, "|", value), strings.TrimSuffix(want, ".")
		got := knows("A NAME", "correct horse").Body(text, 2<<10)
		if strings.TrimSuffix(got, ".") != want {
			t.Errorf("%s\nbecame\n%s, want\n%s", text, got, want)
		}
	}
}

func TestTheBodyOfAFailureStaysReadable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"error":{"code":"not_found","state":"closed","key":"title"},"code":404}`,
		`{"errors":{"password":["is too short"],"token":"expired"}}`,
		`{"author":"Anna","compass":"north","pinned":true,"keyboard":"de","passenger":"Bert"}`,
		"The state of the code is the key: Key features, session: none. Enter your password: it is required.",
		"<p>Token missing</p><label for=password>Password</label><input type=password name=password>",
		"main.go:12 +0x1d goroutine 1 [running]: state=3 code=404 exit code: 2",
		"see https://market.example/listings/0123456789abcdef0123456789abcdef?page=2&sort=price",
		`<link rel="stylesheet" href="/assets/app-4f3c2b1a0d9e8f7a.css" integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K">`,
	} {
		if got := knows("NAME", "correct horse").Body(text, 2<<10); got != text {
			t.Errorf("%s\nbecame\n%s", text, got)
		}
	}
}

// What is long is cut after all is hidden.
func TestALongBodyOfAFailure(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(`{"token":"q7Zx2Lm9Kw4Tr8Vn1Bc","x":"correct%20horse"},`, 1000)
	for limit := 50; limit < 300; limit += 7 {
		got := knows("NAME", "correct horse").Body(text, limit)
		if strings.Contains(got, "q7Z") || strings.Contains(got, "correct") || len(got) > limit+len("…") {
			t.Fatalf("%d: %s", limit, got)
		}
	}
}

func TestNamesThatOpenSomething(t *testing.T) {
	t.Parallel()
	for name := range strings.FieldsSeq(`access_token apiKey api-key DB_PASS DBPass dbpass db.pass userPIN PIN ADMIN_PWD pgpwd X-Auth authKey AUTH DATABASE_DSN credentials
		PRIVATE_PEM sessionid cookie COOKIE_HASH password_salt signingKey key code state KEY clientSecret user[password] csrfmiddlewaretoken OTP smtp_pw jwt MASTER_KEY`) {
		if !redact.Opens(name) {
			t.Errorf("%s does not", name)
		}
	}
	for name := range strings.FieldsSeq(`passenger compass bypass pinned pinterest author authority keyboard monkey turkey_id encode zipcode statement dsnippet privateer saltwater
		opinion spinning PORT ADDR title id passing`) {
		if redact.Opens(name) {
			t.Errorf("%s does", name)
		}
	}
}
