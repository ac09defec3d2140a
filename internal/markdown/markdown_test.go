package markdown_test

import (
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/markdown"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"as it is":                   "as it is",
		"a|b\nc":                     `a\|b c`,
		"<img src=x> [a](b) `c` *d*": "\\<img src=x\\> \\[a\\](b) \\`c\\` \\*d\\*",
	} {
		if got := markdown.Plain(text); got != want {
			t.Errorf("Plain(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	for text, fence := range map[string]string{"a\nb\n": "```", "```\nout": "````", "a ````` b": "``````"} {
		got := markdown.Fence(text)
		if !strings.HasPrefix(got, fence+"\n") || !strings.HasSuffix(got, "\n"+fence+"\n") || !strings.Contains(got, strings.TrimRight(text, "\n")) {
			t.Errorf("Fence(%q) = %q", text, got)
		}
	}
}
