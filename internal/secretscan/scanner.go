package secretscan

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	defaultReach = 512
	// maxReach is the most bytes that a match may have: a private key.
	maxReach = 8 << 10
	// maxBack is how far a match may begin before its keyword.
	maxBack = 128
	// maxLine is how far the marker may stand from what it allows, in a line
	// that is longer.
	maxLine = 4 << 10
	// chunk is how much is read at once, besides what is kept around it.
	chunk = 128 << 10
	// behind and ahead are kept before and after the bytes that are scanned,
	// so that every match is seen whole, with its line.
	behind = maxBack + maxLine + 64
	ahead  = maxReach + maxLine
)

// Marker in a line says that nothing in it is a secret.
const Marker = "readiness:allow"

// MaxFindings is how many findings one text may have before its scan is given
// up.
const MaxFindings = 1000

// ErrTooMany is returned for a text with more than [MaxFindings].
var ErrTooMany = errors.New("more findings than are kept; the rest was not read")

// Scanner scans texts one after the other. The zero value is ready for use. It
// keeps its buffers of about 200 KB, and is not safe for concurrent use.
type Scanner struct {
	chunk int // 0: the constant; tests make it small

	engine *engine
	buf    []byte
	base   int64 // the place in the text where buf begins
	line   int   // the line in which buf begins, from 1
	state  uint16
	eof    bool
	spans  []span // found, and not yet decided
	kept   []span
	budget budget
	name   string
	head   *bufio.Reader
	wide   wideReader
	mixed  mixedReader
}

// Scan reads a text to its end and returns what was found, in order. A text in
// UTF-16 is read as such. name is
// the path that stands in the fingerprints. After an error of r, or
// [ErrTooMany], the findings are those up to there.
func (s *Scanner) Scan(name string, r io.Reader) ([]Finding, error) {
	s.reset(name)
	r = s.plain(r)
	at := 0 // in buf: what stands before was read by the automaton
	for {
		err := s.fill(r)
		end := len(s.buf) - ahead
		if s.eof {
			end = len(s.buf)
		}
		at = s.feed(at, end)
		if s.eof {
			s.settle(s.base + int64(at) + margin)
		} else {
			s.settle(s.base + int64(at))
		}
		switch {
		case err != nil:
			return s.findings(), fmt.Errorf("line %d: %w", s.lineAt(len(s.buf)), err)
		case len(s.kept) > MaxFindings:
			found := s.findings()[:MaxFindings]
			return found, fmt.Errorf("line %d: %w", found[MaxFindings-1].Line, ErrTooMany)
		case s.eof:
			return s.findings(), nil
		}
		at -= s.slide(at - behind)
	}
}

// plain reads UTF-16 as UTF-8, in a text that is all of it or in parts.
func (s *Scanner) plain(r io.Reader) io.Reader {
	if s.head == nil {
		s.head = bufio.NewReaderSize(nil, wideHead)
	}
	s.head.Reset(r)
	head, _ := s.head.Peek(wideHead) // an error is told again
	if big, ok := wide(head); ok {
		s.wide.reset(s.head, big)
		return &s.wide
	}
	s.mixed.reset(s.head)
	return &s.mixed
}

func (s *Scanner) reset(name string) {
	if s.engine == nil {
		s.engine = load()
		if s.chunk == 0 {
			s.chunk = chunk
		}
		s.buf = make([]byte, 0, behind+s.chunk+ahead)
	}
	s.buf, s.base, s.line, s.state, s.eof, s.name = s.buf[:0], 0, 1, 0, false, name
	s.spans, s.kept, s.budget = s.spans[:0], s.kept[:0], budget{}
}

// findings is what was kept, in the order of the text.
func (s *Scanner) findings() []Finding {
	slices.SortStableFunc(s.kept, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var list []Finding
	for _, x := range s.kept {
		list = append(list, x.finding)
	}
	return list
}

// fill reads until the buffer is full or the text ends. Where reading fails,
// the text ends there.
func (s *Scanner) fill(r io.Reader) error {
	n, err := io.ReadFull(r, s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if err == nil {
		return nil
	}
	s.eof = true
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// slide forgets the first n bytes of the buffer, and returns how many these
// were.
func (s *Scanner) slide(n int) int {
	if n <= 0 {
		return 0
	}
	s.line += bytes.Count(s.buf[:n], []byte{'\n'})
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
	s.base += int64(n)
	return n
}

// feed gives the bytes from at to end to the automaton, and returns end.
func (s *Scanner) feed(at, end int) int {
	for at < end {
		state, n, ended := s.engine.words.run(s.state, s.buf[at:end])
		s.state = state
		at += n
		if !ended {
			break
		}
		for _, w := range s.engine.words.finds[state] {
			for _, r := range w.rules {
				s.try(r, at-w.length)
			}
		}
	}
	return max(at, end)
}

// allowed reports whether the marker stands in the line where a match begins,
// or in the one where its secret does.
func (s *Scanner) allowed(start, secret int) bool {
	from, to := max(start-maxLine, 0), min(secret+maxLine, len(s.buf))
	if i := bytes.LastIndexByte(s.buf[from:start], '\n'); i >= 0 {
		from += i + 1
	}
	if i := bytes.IndexByte(s.buf[secret:to], '\n'); i >= 0 {
		to = secret + i
	}
	return bytes.Contains(s.buf[from:to], []byte(Marker))
}

// lineAt is the number of the line at a place of the buffer.
func (s *Scanner) lineAt(at int) int {
	return s.line + bytes.Count(s.buf[:at], []byte{'\n'})
}
