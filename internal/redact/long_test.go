package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/redact"
)

// What a stranger sends may be long and may repeat itself. Each of these takes
// minutes where the work grows with the square of it.
func TestTextsThatRepeatThemselves(t *testing.T) {
	t.Parallel()
	body := 512 << 10
	if testing.Short() {
		body = 64 << 10
	}
	for name, tt := range map[string]struct {
		values []string
		text   string
	}{
		"the value in itself":                       {[]string{strings.Repeat("a", 300_000)}, strings.Repeat("a", body)},
		"a value of a browser":                      {[]string{strings.Repeat("ab", 2000)}, strings.Repeat("ab", body/2)},
		"a value that is never full":                {[]string{strings.Repeat("a", 4095) + "b"}, strings.Repeat("a", body)},
		"many that are never full":                  {manyEnds(16, 4000), strings.Repeat("a", body/4)},
		"many that begin another":                   {manyLengths(200, 8), strings.Repeat("a", body)},
		"many that begin another, and none of them": {manyLengths(1400, 1), strings.Repeat("aaaaaaab", body/8)},
		"with escapes":                              {[]string{strings.Repeat("a+", 100_000)}, strings.Repeat("a%2B", body/4)},
		"only signs to escape":                      {[]string{strings.Repeat(`"`, 100_000)}, strings.Repeat(`\"`, body/2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r redact.Redactor
			for _, v := range tt.values {
				r.AddLong("V", v)
			}
			for _, text := range []string{r.Body(tt.text, 2<<10), r.WithoutTail(tt.text), r.Line(tt.text)} {
				if strings.Contains(tt.text, tt.values[0]) && strings.Contains(text, tt.values[0]) {
					t.Errorf("%.100s", text)
				}
			}
		})
	}
}

func manyEnds(n, size int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s%04d", strings.Repeat("a", size), i))
	}
	return all
}

func manyLengths(n, step int) []string {
	var all []string
	for i := range n {
		all = append(all, strings.Repeat("a", 7+step*(i+1)))
	}
	return all
}

// Nothing of a long value stays, in whatever spelling, and nothing of what was
// cut off it.
func TestLongValues(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4095, 4096, 4097, 5000, 8192, 8200, 30_001} {
		secret := longSecret(size-2) + "é"
		var r redact.Redactor
		r.Add("NAME", secret)
		if got := r.NameOf(secret); got != "NAME" {
			t.Errorf("%d: its name is %q", size, got)
		}
		inJSON, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			"is " + secret + " there", `"x":` + string(inJSON) + `,"y"`, "is " + url.QueryEscape(secret) + " there",
			"is " + base64.StdEncoding.EncodeToString([]byte("a:"+secret)) + " there", "is " + secret[:min(size, 4500)] + " there",
		} {
			got := r.Text(text)
			if size <= 4096 && len(text) < 4000 || !strings.Contains(got, "«NAME»") || strings.Contains(got, "0z") || len(got) > 200 {
				t.Errorf("%d: %.100s became %.200s", size, text, got)
			}
		}
	}
}

// A long value with blanks is hidden to its end.
func TestLongValuesOfManyWords(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("-", 10) + " KEY " + strings.ReplaceAll(longSecret(9000), "z", "z\n")
	got := knows("NAME", secret).Text("is " + secret + "there")
	if strings.Contains(got, "0z") || !strings.HasPrefix(got, "is «NAME»") || !strings.HasSuffix(got, "«NAME»there") {
		t.Errorf("%.300s", got)
	}
}

// Of values that begin one another the longest is found, whatever comes next.
func TestValuesThatBeginOneAnother(t *testing.T) {
	t.Parallel()
	var r redact.Redactor
	for _, v := range manyLengths(200, 1) {
		r.AddLong("V", v)
	}
	for n := range 240 {
		for _, next := range []string{"b", "B", " ", ""} {
			text := strings.Repeat("a", n) + next
			want := text
			if n >= 8 {
				want = "«V»" + next
			}
			if got := r.Replace(text); got != want {
				t.Errorf("%d and %q: got %s", n, next, got)
			}
		}
	}
}
