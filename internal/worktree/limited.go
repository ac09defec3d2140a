package worktree

import "bytes"

// Limited keeps what a process prints, up to a limit. What is more is an error,
// which ends the process, or is dropped.
type Limited struct {
	// Most is how many bytes are kept.
	Most int
	// Drop drops what is more.
	Drop bool

	// Not embedded: its ReadFrom would be used in the place of Write.
	kept bytes.Buffer
}

// Write implements io.Writer.
func (l *Limited) Write(p []byte) (int, error) {
	if fits := l.Most - l.kept.Len(); len(p) > fits {
		if !l.Drop {
			return 0, errMuchOutput
		}
		l.kept.Write(p[:fits])
		return len(p), nil
	}
	return l.kept.Write(p)
}

// Bytes is what was kept.
func (l *Limited) Bytes() []byte { return l.kept.Bytes() }

// String is what was kept.
func (l *Limited) String() string { return l.kept.String() }
