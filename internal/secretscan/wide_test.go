package secretscan_test

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/launchready/readiness/internal/secretscan"
)

// encode writes a text in UTF-16.
func encode(order binary.AppendByteOrder, text string) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	little, big := binary.LittleEndian, binary.BigEndian
	text := "# \u010a, \u0a0a and 😀\r\n\r\nTOKEN=" + github(1) + "\r\n"
	long := strings.Repeat("Ċ 😀 x\r\n", 30_000)
	plain := strings.ReplaceAll(text, "# \u010a, \u0a0a and 😀", strings.Repeat("# one line of a log ", 20))
	tests := []struct{ name, text, want string }{
		{"marked", string(encode(little, "\uFEFF"+text)), "3 github-token"},
		{"marked, other order", string(encode(big, "\uFEFF"+text)), "3 github-token"},
		{"without a mark", string(encode(little, plain)), "3 github-token"},
		{"without a mark, other order", string(encode(big, plain)), "3 github-token"},
		{"long", string(encode(little, "\uFEFF"+long+text)), "30003 github-token"},
		{"half of a character at the end", string(encode(little, "\uFEFF"+text)) + "\x3d\xd8\x01", "3 github-token"},
		{"appended to a log", "a log\nand more\n" + string(encode(little, github(1)+"\r\n")) + "a log\n", "3 github-token"},
		{"appended with a mark", "a log\nand more\n" + string(encode(big, "\uFEFF"+github(1)+"\r\n")) + "a log\n", "3 github-token"},
		{"within", string(encode(little, "x\n")) + "\n" + github(1) + "\n", "3 github-token"},
		{"variables of a process", "A=1\x00B=" + github(1) + "\x00C\x00D=1\x00" + github(2) + "\x00a\x00" + github(3), "1 github-token, 1 github-token, 1 github-token"},
		{"zeros", "\x00\x00\x00" + github(1) + "\x00\x00", "1 github-token"},
		{"of a key", string(encode(little, "\uFEFF"+keys(t)["RSA"])), "1 private-key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for chunk, r := range map[int]io.Reader{100: iotest.HalfReader(strings.NewReader(tt.text)), 1 << 20: strings.NewReader(tt.text)} {
				if found, err := secretscan.ScanIn(chunk, "a", r); err != nil || rules(found) != tt.want {
					t.Errorf("%d: %q, %v, want %q", chunk, rules(found), err, tt.want)
				}
			}
		})
	}
}

func TestUTF16OfAReaderThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, text := range map[string]string{
		"UTF-16": string(encode(binary.LittleEndian, "\uFEFF\n"+github(1)+"\n")), "mixed": "\n" + string(encode(binary.LittleEndian, github(1)+"\n")),
	} {
		var s secretscan.Scanner
		found, err := s.Scan("a", io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || rules(found) != "2 github-token" {
			t.Errorf("%s: %q, %v", name, rules(found), err)
		}
	}
}
