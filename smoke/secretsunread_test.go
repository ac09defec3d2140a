package smoke_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/launchready/readiness/smoke"
)

// inUTF16 is a text as PowerShell writes it.
func inUTF16(text string) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func TestSecretsInUTF16(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.env", string(inUTF16("\uFEFFNAME=Ċ\r\nTOKEN="+secretToken+"\r\n")))
	r.write("b.log", string(inUTF16("\r\n\r\n"+secretToken+"\r\n")))
	r.git("add", "-A")
	for name, look := range map[string]func(context.Context, string) ([]smoke.Leak, error){"tracked": smoke.Secrets, "staged": smoke.StagedSecrets} {
		if leaks, err := look(t.Context(), r.dir); err != nil || places(leaks) != "a.env:2 github-token, b.log:3 github-token" {
			t.Errorf("%s: %v, %v", name, leaks, err)
		}
	}
}

// TestSecretsOfBinaryTexts: what is left out is named, if its name says text.
func TestSecretsOfBinaryTexts(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	for _, name := range []string{".env", ".env.local", "a/B.YML", "a/c.json", "d.png", "e", "f.exe"} {
		r.write(name, "A=\x00\x00"+secretToken)
	}
	r.write("g.txt", secretToken)
	r.git("add", "-A")
	for name, look := range map[string]func(context.Context, string) ([]smoke.Leak, error){"tracked": smoke.Secrets, "staged": smoke.StagedSecrets} {
		leaks, err := look(t.Context(), r.dir)
		var unread *smoke.UnreadError
		if !errors.As(err, &unread) || strings.Join(unread.Files, " ") != ".env .env.local a/B.YML a/c.json" || places(leaks) != "g.txt:1 github-token" {
			t.Errorf("%s: %v, %v", name, leaks, err)
		}
		if err == nil || !strings.Contains(err.Error(), "not looked at for secrets, because of a byte 0 in what is named like a text: .env .env.local") || strings.Contains(err.Error(), "10 MB") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsOfASparseCheckout(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.txt", "nothing")
	r.write("b.txt", secretToken)
	r.git("add", "-A")
	r.git("commit", "-qm", "first")
	r.git("sparse-checkout", "set", "--no-cone", "/a.txt")
	if _, err := smoke.Secrets(t.Context(), r.dir); err == nil || !strings.Contains(err.Error(), "not looked at for secrets, because a sparse checkout leaves it out: b.txt") {
		t.Errorf("got %v", err)
	}
}
