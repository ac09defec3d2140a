package smtpprobe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxLine  = 2048 // RFC 5321, section 4.5.3.1.5, says 512; some send more
	maxLines = 64
)

// errReply is what every reply that cannot be read is.
var errReply = errors.New("no SMTP reply")

// Reply is what a server answers: a code, and the lines of its text.
type Reply struct {
	Code  int
	Lines []string
}

// NewReader returns a reader for [ReadReply].
func NewReader(conn io.Reader) *bufio.Reader {
	return bufio.NewReaderSize(conn, maxLine)
}

// ReadReply reads one reply of up to 64 lines, each no longer than the
// reader's buffer. All lines must have the same code (RFC 5321, section
// 4.2.1). After an error nothing more can be read.
func ReadReply(r *bufio.Reader) (Reply, error) {
	var reply Reply
	for range maxLines {
		raw, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return Reply{}, fmt.Errorf("%w: a line without end", errReply)
		}
		if err != nil {
			return Reply{}, err
		}
		code, text, last, ok := cutLine(strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r"))
		if !ok || len(reply.Lines) > 0 && code != reply.Code {
			return Reply{}, fmt.Errorf("%w: not of its form", errReply)
		}
		reply.Code, reply.Lines = code, append(reply.Lines, text)
		if last {
			return reply, nil
		}
	}
	return Reply{}, fmt.Errorf("%w: more than %d lines", errReply, maxLines)
}

// cutLine splits a line into its code and text. It is the last one unless a
// hyphen stands between them.
func cutLine(line string) (code int, text string, last, ok bool) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' {
		return 0, "", false, false
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return 0, "", false, false
		}
		code = code*10 + int(c-'0')
	}
	switch rest := line[3:]; {
	case rest == "":
		return code, "", true, true
	case rest[0] == ' ' || rest[0] == '-':
		return code, rest[1:], rest[0] == ' ', true
	default:
		return 0, "", false, false
	}
}

// Offers reports whether the reply to EHLO lists an extension.
func (r Reply) Offers(keyword string) bool {
	for i, line := range r.Lines {
		if word, _, _ := strings.Cut(line, " "); i > 0 && strings.EqualFold(word, keyword) {
			return true
		}
	}
	return false
}
