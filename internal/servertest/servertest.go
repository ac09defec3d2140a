package servertest

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// TB is the part of testing.TB that a server needs. It stands here so that
// this package does not link testing.
type TB interface {
	Helper()
	Cleanup(f func())
	TempDir() string
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

const (
	attempts = 5                // another process may take the free port first
	patience = 20 * time.Second // a loaded machine starts a server in well under one
	maxLog   = 64 << 10
)

// Server says how to start a program that serves.
type Server struct {
	// Program is its name, and Folder where it may lie besides PATH.
	Program, Folder string
	// Ready is what it writes once it serves.
	Ready string
	// Args returns its arguments for a port of 127.0.0.1 and a temporary
	// folder.
	Args func(port int, dir string) ([]string, error)
	// Answers, where it is not nil, asks it something before it is used.
	Answers func(port int) error
}

// Start starts the server and returns its port. It skips the test where the
// program is not installed, and fails it there where CI is "true". Each call
// starts a server of its own, so that parallel tests do not meet.
func (s Server) Start(t TB) (port int) {
	t.Helper()
	path, err := s.find()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed, and CI=true demands it", s.Program)
			return 0
		}
		t.Skipf("%s is not installed", s.Program)
		return 0
	}
	dir := t.TempDir()
	var output string
	for range attempts {
		p, port, err := s.run(path, dir)
		if err != nil {
			t.Fatalf("%s cannot be started: %v", s.Program, err)
			return 0
		}
		t.Cleanup(p.stop)
		timer := time.NewTimer(patience)
		select {
		case <-p.log.ready:
			timer.Stop()
			if s.Answers == nil || s.Answers(port) == nil {
				return port
			}
			p.stop()
		case <-p.ended: // most likely the port was taken in between
			timer.Stop()
		case <-timer.C:
			p.stop()
		}
		output = p.log.String()
	}
	t.Fatalf("%s did not start in %d attempts; its last output:\n%s", s.Program, attempts, output)
	return 0
}

// find returns the program's path: from PATH, or in the folder besides.
func (s Server) find() (string, error) {
	path, err := exec.LookPath(s.Program)
	if err != nil && s.Folder != "" {
		return exec.LookPath(filepath.Join(s.Folder, s.Program))
	}
	return path, err
}

// process is one running server.
type process struct {
	cmd   *exec.Cmd
	log   *log
	ended chan struct{} // closed when the process has been waited for
}

func (s Server) run(path, dir string) (*process, int, error) {
	port, err := FreePort()
	if err != nil {
		return nil, 0, err
	}
	args, err := s.Args(port, dir)
	if err != nil {
		return nil, 0, err
	}
	p := &process{log: &log{says: []byte(s.Ready), ready: make(chan struct{})}, ended: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = endWithParent()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	go func() {
		_ = p.cmd.Wait() // it is killed, so that its status says nothing
		close(p.ended)
	}()
	return p, port, nil
}

// stop kills the server and waits for it. It may be called more than once.
func (p *process) stop() {
	_ = p.cmd.Process.Kill() // an error says that it has already ended
	<-p.ended
}

// FreePort asks the kernel for a port that nobody listens on at the moment,
// over TCP or UDP.
func FreePort() (port int, err error) {
	for range attempts {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err != nil {
			_ = tcp.Close()
			continue
		}
		return tcp.Addr().(*net.TCPAddr).Port, errors.Join(udp.Close(), tcp.Close())
	}
	return 0, errors.New("no port is free")
}

// log keeps the server's output and closes ready when the server says that it
// serves, which spares polling the port.
type log struct {
	says  []byte
	ready chan struct{}
	once  sync.Once
	mu    sync.Mutex
	buf   bytes.Buffer
}

// Write keeps what the server writes, up to a bound.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() < maxLog {
		l.buf.Write(p)
	}
	if bytes.Contains(l.buf.Bytes(), l.says) {
		l.once.Do(func() { close(l.ready) })
	}
	return len(p), nil
}

// String returns what the server has written so far.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
