package smoke

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/launchready/readiness/internal/process"
)

const (
	// firstPoll and longestPoll bound the pauses between two looks.
	firstPoll   = 20 * time.Millisecond
	longestPoll = time.Second
	// onePoll bounds a single look: who accepts a connection and is silent
	// may have been half up.
	onePoll = 5 * time.Second
)

// await looks until the program answers at its address.
func (b *boot) await(ctx context.Context, p *process.Process) string {
	ctx, cancel := context.WithTimeout(ctx, b.bounds.answer)
	defer cancel()
	silent := func(why string) string {
		return fmt.Sprintf("%s did not answer GET / on %s within %s: %s", b.name, b.address, b.bounds.answer, why)
	}
	last := silent("connection refused") // what the last look came to
	for pause := firstPoll; ; pause = min(2*pause, longestPoll) {
		status, err := poll(ctx, b.address)
		switch {
		case err == nil && status < http.StatusInternalServerError:
			if !p.Over() { // otherwise somebody else has answered
				return ""
			}
		case err == nil:
			last = fmt.Sprintf("%s answered GET / on %s with %s for %s", b.name, b.address, statusText(status), b.bounds.answer)
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed): // by the end of ctx
			last = silent("it accepts connections and does not answer")
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled): // the look was cut short
		default:
			last = silent(b.hide.Line(pollText(err)))
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
		case <-p.Exited():
			return fmt.Sprintf("%s, before it answered GET / on %s", b.ending(p), b.address)
		case <-ctx.Done():
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return b.name + stopped
			}
			return last
		}
	}
}

// pollText says why a look saw nothing.
func pollText(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "it closes the connection without an answer"
	}
	return err.Error()
}

// poll asks once and returns the status of the answer. It needs no transport,
// which would log what a program says that speaks no HTTP.
func poll(ctx context.Context, address string) (int, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }() // the status is all that counts
	until := time.Now().Add(onePoll)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	_ = conn.SetDeadline(until) // a connection has one
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: %s\r\nConnection: close\r\n\r\n", address, userAgent, acceptPage); err != nil {
		return 0, err
	}
	for in := bufio.NewReader(io.LimitReader(conn, maxHeader)); ; {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return 0, err
		}
		if resp.StatusCode >= http.StatusOK { // no 103 before it
			return resp.StatusCode, nil
		}
	}
}
