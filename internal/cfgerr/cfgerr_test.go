package cfgerr_test

import (
	"errors"
	"io"
	"testing"

	"github.com/launchready/readiness/internal/cfgerr"
)

func TestListReportsEveryProblemWithItsPath(t *testing.T) {
	t.Parallel()
	problems := cfgerr.For("cache")
	problems.Addf(cfgerr.Index("Policies", 2, "TTL"), "must be positive, got %s", "-1s")
	problems.Addf("", "nothing to do")
	problems.Addf(cfgerr.Index("Purges", 0, ""), "cannot be read: %w", io.ErrUnexpectedEOF)
	err := problems.Err()

	want := "cache: Policies[2].TTL: must be positive, got -1s\n" +
		"cache: nothing to do\n" +
		"cache: Purges[0]: cannot be read: unexpected EOF"
	if err == nil || err.Error() != want {
		t.Fatalf("got\n%v\nwant\n%s", err, want)
	}
	if !errors.Is(err, cfgerr.ErrConfig) {
		t.Error("errors.Is(err, ErrConfig) is false")
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	var one *cfgerr.Error
	if !errors.As(err, &one) || one.Path != "Policies[2].TTL" || one.Package != "cache" {
		t.Errorf("errors.As gave %+v", one)
	}
}

func TestNoProblemIsNoError(t *testing.T) {
	t.Parallel()
	if err := cfgerr.For("cache").Err(); err != nil {
		t.Fatal(err)
	}
}
