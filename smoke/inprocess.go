package smoke

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// inProcessHost is under a top-level domain that is reserved for tests.
const inProcessHost = "smoke.test"

// newInProcess serves a handler over pipes. The server and the client are
// net/http's own, so HEAD, 1xx answers, chunks and hijacking work as they do
// on a socket; only the wire is missing, and TLS is claimed instead of done,
// for https and not for plain http, which a handler may want to redirect. So
// many users have a connection each to come back to.
func newInProcess(h http.Handler, users int) *target {
	pipes := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	var where atomic.Pointer[string]
	srv := &http.Server{
		Handler:  claimTLS(h, &where),
		ErrorLog: log.New(io.Discard, "", 0), // what goes wrong is said in the report
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			conn, ok := c.(pipeConn)
			return context.WithValue(ctx, claimsTLS{}, ok && conn.tls)
		},
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(pipes) // always ErrServerClosed: the listener has no other way to fail
	}()
	transport := &http.Transport{DialContext: pipes.dialer(false), DialTLSContext: pipes.dialer(true), MaxResponseHeaderBytes: maxHeader, MaxIdleConnsPerHost: users}
	return &target{
		base:      &url.URL{Scheme: "https", Host: inProcessHost, Path: "/"},
		transport: transport,
		panicked: func() string {
			if w := where.Swap(nil); w != nil {
				return *w
			}
			return ""
		},
		close: func() {
			transport.CloseIdleConnections()
			_ = srv.Close() // closing a pipe cannot fail
			<-served
		},
	}
}

// claimsTLS is the key under which the context of a connection says whether
// it stands for one with TLS.
type claimsTLS struct{}

// claimTLS gives requests by https the TLS state that handlers look for before
// they set Secure cookies, and notes where a handler panics: what was panicked
// with stays out, as it may hold anything.
func claimTLS(h http.Handler, where *atomic.Pointer[string]) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if claims, _ := r.Context().Value(claimsTLS{}).(bool); claims {
			r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: inProcessHost}
		}
		defer func() {
			if v := recover(); v != nil {
				place := panicPlace(v)
				where.Store(&place)
				panic(http.ErrAbortHandler) // the server drops the connection, as it would for any panic
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// panicPlace describes a recovered panic by the type of its value and the
// line it came from. It must be called by the deferred function itself.
func panicPlace(v any) string {
	text := fmt.Sprintf("panicked with a value of type %T", v)
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for panicking := false; ; {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") {
			panicking = true
		} else if panicking {
			return text + " at " + filepath.Base(f.File) + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return text
		}
	}
}

// pipeListener is a net.Listener whose connections are pipes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// dialer returns how a transport opens a connection, with or without TLS.
func (l *pipeListener) dialer(secure bool) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		select {
		case l.conns <- pipeConn{server, secure}:
			return client, nil
		case <-l.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeConn{tls: true}.LocalAddr() }

// pipeConn has addresses that handlers can parse. They are of a network
// reserved for documentation, so that nothing takes them for a trusted peer.
type pipeConn struct {
	net.Conn
	tls bool
}

func (c pipeConn) LocalAddr() net.Addr {
	port := 80
	if c.tls {
		port = 443
	}
	return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: port}
}

func (pipeConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 40000} }
