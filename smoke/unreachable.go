package smoke

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/launchready/readiness/internal/redact"
)

// errRefused is what a service that is not there yet answers by.
var errRefused = errors.New("connection refused")

// transportError words why a request got no complete answer. The address that
// net/http puts into its errors is left out, because it is said beside them
// without its secrets.
func (s *Session) transportError(req *http.Request, err error) error {
	what := req.Method + " " + redact.Path(req.URL)
	if problem := s.runOver(); problem != "" {
		return fmt.Errorf("%s: %s", what, problem)
	}
	if place := s.run.target.panicked(); place != "" {
		return fmt.Errorf("%s: the handler %s", what, place)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		if s.last.resp != nil {
			return fmt.Errorf("%s: the answer was not complete after %s", what, s.run.checker.timeout)
		}
		return fmt.Errorf("%s: no answer within %s", what, s.run.checker.timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: %w", what, errRefused)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return fmt.Errorf("%s: the connection was closed before the answer was complete", what)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return fmt.Errorf("%s: the host name is not known to the DNS", what)
		}
		return fmt.Errorf("%s: the host name could not be looked up", what)
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%s: the certificate was not accepted: %w", what, cert.Err)
	}
	return fmt.Errorf("%s: no usable answer: %w", what, err)
}

// runOver says why the run as a whole cannot go on, "" where it can.
func (s *Session) runOver() string {
	switch err := s.ctx.Err(); {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("the time of the run is over (RunTimeout %s)", s.run.checker.runTimeout)
	}
	return "the run was stopped"
}
