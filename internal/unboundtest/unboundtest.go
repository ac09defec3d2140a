package unboundtest

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// TB is the part of testing.TB that [Start] needs. It stands here so that
// this package does not link testing.
type TB interface {
	Helper()
	Cleanup(f func())
	TempDir() string
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

const (
	program  = "unbound"
	beside   = "/usr/sbin"      // where Debian has it; not in everybody's PATH
	attempts = 5                // another process may take the free port first
	patience = 20 * time.Second // a loaded machine starts it in well under one
)

// Start starts an unbound on a free port of 127.0.0.1 and returns its address
// once it answers. For each zone of zones, and what lies below it, it asks the
// name server that stands there, as HOST:PORT; a zone below that has name
// servers of its own needs an entry too, because they are not at port 53. It
// trusts the anchors, DS records as zone text, and asks nobody for any other
// name. It is killed and waited for when the test and its subtests have ended.
// Start skips the test where no unbound is installed, and fails it where CI is
// "true". Each call starts a resolver of its own, with nothing in its cache.
func Start(t TB, zones map[string]string, anchors ...string) (addr string) {
	t.Helper()
	return startFrom(t, beside, zones, anchors)
}

func startFrom(t TB, folder string, zones map[string]string, anchors []string) (addr string) {
	t.Helper()
	path, err := find(folder)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed, and CI=true demands it", program)
			return ""
		}
		t.Skipf("%s is not installed", program)
		return ""
	}
	dir := t.TempDir()
	var output string
	for range attempts {
		s, addr, err := start(path, dir, zones, anchors)
		if err != nil {
			t.Fatalf("%s cannot be started: %v", program, err)
			return ""
		}
		t.Cleanup(s.stop)
		timer := time.NewTimer(patience)
		select {
		case <-s.log.ready:
			timer.Stop()
			if err := answers(addr); err == nil {
				return addr
			}
			s.stop()
		case <-s.ended: // most likely the port was taken in between
			timer.Stop()
		case <-timer.C:
			s.stop()
		}
		output = s.log.String()
	}
	t.Fatalf("%s did not start in %d attempts; its last output:\n%s", program, attempts, output)
	return ""
}

// find returns the program's path: from PATH, or in a folder besides.
func find(folder string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return exec.LookPath(filepath.Join(folder, program))
	}
	return path, nil
}

// server is one running unbound.
type server struct {
	cmd   *exec.Cmd
	log   *logWriter
	ended chan struct{} // closed when the process has been waited for
}

func start(path, dir string, zones map[string]string, anchors []string) (*server, string, error) {
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	text, err := settings(dir, port, zones, anchors)
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, "unbound.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, "", err
	}
	s := &server{log: &logWriter{ready: make(chan struct{})}, ended: make(chan struct{})}
	s.cmd = exec.Command(path, "-d", "-c", file)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = endWithParent()
	if err := s.cmd.Start(); err != nil {
		return nil, "", err
	}
	go func() {
		_ = s.cmd.Wait() // it is killed, so that its status says nothing
		close(s.ended)
	}()
	return s, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
}

// stop kills the resolver and waits for it. It may be called more than once.
func (s *server) stop() {
	_ = s.cmd.Process.Kill() // an error says that it has already ended
	<-s.ended
}

// localhost is a question that a resolver answers by itself: "localhost. A".
const localhost = "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09localhost\x00\x00\x01\x00\x01"

// answers puts one question and waits for the answer.
func answers(addr string) (err error) {
	c, err := net.Dial("udp", addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := c.Write([]byte(localhost)); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 512))
	return err
}

// freePort asks the kernel for a port that nobody listens on at the moment,
// over TCP or UDP.
func freePort() (port int, err error) {
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

// logWriter keeps the resolver's output and closes ready when it says that it
// serves, which spares polling the port.
type logWriter struct {
	ready chan struct{}
	once  sync.Once
	mu    sync.Mutex
	buf   bytes.Buffer
}

const maxLog = 64 << 10

func (l *logWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() < maxLog {
		l.buf.Write(p)
	}
	if bytes.Contains(l.buf.Bytes(), []byte("start of service")) {
		l.once.Do(func() { close(l.ready) })
	}
	return len(p), nil
}

// String returns what the resolver has written so far.
func (l *logWriter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
