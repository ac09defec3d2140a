package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/launchready/readiness/internal/secretscan"
	"github.com/launchready/readiness/internal/worktree"
)

const (
	// ignoreFile holds the fingerprints of what is no secret.
	ignoreFile = ".readinessignore"
	// maxIgnoreFile is more than anybody maintains by hand.
	maxIgnoreFile = 1 << 20
	// maxTold is how many leaks a test tells.
	maxTold = 50
)

// NoSecrets fails t for every secret in the files that git tracks below dir,
// as they are in the working tree, or, where dir is in no work tree, in every
// file of the folder. What it says of a secret is where it stands, its kind
// and its first characters, never the secret.
//
//	func TestNoSecrets(t *testing.T) { smoke.NoSecrets(t, ".") }
//
// It knows keys and tokens of some thirty services by their form, private
// keys, also in base64, JWTs, passwords in URLs and connection strings, and
// values with the look of a key that are given to a name such as apiKey,
// SESSION_SECRET or DB_PASS. Such a value has to look drawn by lot, and to have
// 20 characters, 16 in quotes: a shorter password, or one that somebody thought
// up, is found in a URL or a connection string alone. Placeholders, published
// examples, hashes, keys that are made to be shown, and passwords on localhost
// or in an example domain are no secrets.
//
// What is found and is none is told so in one of two ways: the words
// readiness:allow in a comment on its line, or its fingerprint, which stands
// in the failure, on a line of the file .readinessignore in dir.
//
// UTF-16 is read as the text it is. Any other file with a byte 0 among its
// first 8 KB is taken for binary and left out, and logged where its name says
// that it is a text, such as .env or config.yml. Text files over 10 MB, and
// those that a sparse checkout does not have, are left out and logged, symbolic links and submodules are not followed. A folder that
// does not exist, or in which there was nothing to read, fails t as well. Of
// the history nothing is read: see [Gitleaks].
func NoSecrets(t testing.TB, dir string) {
	t.Helper()
	leaks, err := Secrets(t.Context(), dir)
	for _, l := range leaks[:min(len(leaks), maxTold)] {
		t.Errorf("%s", l)
	}
	if more := len(leaks) - maxTold; more > 0 {
		t.Errorf("and %d more secrets", more)
	}
	if len(leaks) > 0 {
		t.Logf("replace each secret with a new one where it is used, then take it out of here and of the history; "+
			"if it is none, write %s on its line, or its fingerprint into %s", secretscan.Marker, filepath.Join(dir, ignoreFile))
	}
	var unread *UnreadError
	switch {
	case errors.As(err, &unread):
		t.Log(err)
	case err != nil:
		t.Error(err)
	}
}

// Secrets is [NoSecrets] without a test. The leaks are in the order of the
// files, and without those that are ignored. They are valid also where the
// error is not nil, for the files that were read; where nothing went wrong but
// that text files were left out, the error is an [*UnreadError].
func Secrets(ctx context.Context, dir string) ([]Leak, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("smoke: secrets: %w", err)
	}
	defer func() { _ = root.Close() }()
	ignored, err := readIgnored(root)
	if err != nil {
		return nil, err
	}
	files, err := worktree.Files(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("smoke: secrets: %w", err)
	}
	s := textScan{ignored: ignored}
	for _, name := range files.Names {
		if ctx.Err() != nil {
			return s.leaks, fmt.Errorf("smoke: secrets: %w", context.Cause(ctx))
		}
		s.file(root, name, files.Sparse[name])
	}
	if s.texts == 0 && s.problems == nil {
		listed := "the folder"
		if files.Tracked {
			listed = "what git tracks in"
		}
		return nil, fmt.Errorf("smoke: secrets: nothing was read: %s %s holds no text", listed, dir)
	}
	return s.leaks, s.err()
}

// readIgnored reads the ignore file of a folder, if there is one.
func readIgnored(root *os.Root) (secretscan.Ignored, error) {
	f, err := root.Open(ignoreFile)
	if errors.Is(err, fs.ErrNotExist) {
		return secretscan.Ignored{}, nil
	}
	if err != nil {
		return secretscan.Ignored{}, fmt.Errorf("smoke: secrets: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxIgnoreFile+1))
	if err == nil && len(text) > maxIgnoreFile {
		err = errors.New("larger than 1 MB")
	}
	ignored := secretscan.Ignored{}
	if err == nil {
		ignored, err = secretscan.ParseIgnored(text)
	}
	if err != nil {
		return ignored, fmt.Errorf("smoke: secrets: %s: %w", ignoreFile, err)
	}
	return ignored, nil
}
