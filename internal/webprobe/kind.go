package webprobe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"syscall"
)

// Kind is how something ended. Only some kinds are facts about the server.
type Kind uint8

// The kinds.
const (
	Unknown     Kind = iota // the run's time was up before it could be tried
	OK                      // an answer was read, or a handshake seen
	NoAddress               // the name has no address
	LookupFail              // whether it has one could not be found out
	Private                 // all its addresses are private, and that is not allowed
	Refused                 // nothing listens there
	Unreachable             // there is no way from here
	Timeout                 // no answer in time
	BadTLS                  // the handshake failed, or the certificate does not verify
	Loop                    // a redirect leads back to where it came from
	TooMany                 // more redirects than are followed
	BadRedirect             // a redirect leads to nothing that can be fetched
	Broken                  // the connection broke, or what came back was no HTTP
)

var kindNames = [...]string{
	"not tried in time", "answered", "the name has no address", "the address could not be looked up", "a private address",
	"connection refused", "unreachable from here", "no answer in time", "TLS failed", "redirect loop", "too many redirects",
	"a redirect to an address that cannot be fetched", "no usable answer",
}

// String names the kind in plain words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "?"
}

// Known reports whether the kind is a fact about the server, not about this
// moment or this machine.
func (k Kind) Known() bool {
	switch k {
	case OK, NoAddress, Refused, BadTLS, Loop, TooMany, BadRedirect:
		return true
	default:
		return false
	}
}

var (
	errNoAddress = errors.New("no address")
	errPrivate   = errors.New("private address")
	errLookup    = errors.New("lookup failed")
)

// kindOf sorts an error; run is the context of the whole run.
func kindOf(run context.Context, err error) Kind {
	var timeout net.Error
	switch {
	case err == nil:
		return OK
	case run.Err() != nil:
		return Unknown
	case errors.Is(err, errNoAddress):
		return NoAddress
	case errors.Is(err, errPrivate):
		return Private
	case errors.Is(err, errLookup):
		return LookupFail
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return Unreachable
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case isTLS(err):
		return BadTLS
	default:
		return Broken
	}
}

// isTLS reports whether the two ends talked and did not agree: a fact, other
// than a connection that broke on the way.
func isTLS(err error) bool {
	// An alert that the other end sent has no exported type.
	var remote *net.OpError
	if errors.As(err, &remote) && remote.Op == "remote error" {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "tls: ") // most errors of crypto/tls have no type
}
