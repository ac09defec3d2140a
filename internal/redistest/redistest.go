package redistest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
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
	program  = "redis-server"
	attempts = 5                // another process may take the free port first
	patience = 20 * time.Second // a loaded machine starts it in well under one
)

// Start starts a redis-server on a free port of 127.0.0.1 and returns its
// address once it accepts connections. The server is empty, writes no file
// outside the test's temporary folder and is killed and waited for when the
// test and its subtests have ended. Start skips the test where no
// redis-server is installed, and fails it where CI is "true". Each call
// starts a server of its own, so that parallel tests do not meet.
func Start(t TB) (addr string) {
	t.Helper()
	path, err := exec.LookPath(program)
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
		s, port, err := start(path, dir)
		if err != nil {
			t.Fatalf("%s cannot be started: %v", program, err)
			return ""
		}
		t.Cleanup(s.stop)
		timer := time.NewTimer(patience)
		select {
		case <-s.log.ready:
			timer.Stop()
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
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

// server is one running redis-server.
type server struct {
	cmd   *exec.Cmd
	log   *logWriter
	ended chan struct{} // closed when the process has been waited for
}

func start(path, dir string) (*server, int, error) {
	port, err := freePort()
	if err != nil {
		return nil, 0, err
	}
	s := &server{log: &logWriter{ready: make(chan struct{})}, ended: make(chan struct{})}
	s.cmd = exec.Command(path, "--bind", "127.0.0.1", "--port", strconv.Itoa(port),
		"--save", "", "--appendonly", "no", "--dir", dir, "--daemonize", "no", "--logfile", "")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = endWithParent()
	if err := s.cmd.Start(); err != nil {
		return nil, 0, err
	}
	go func() {
		_ = s.cmd.Wait() // it is killed, so that its status says nothing
		close(s.ended)
	}()
	return s, port, nil
}

// stop kills the server and waits for it. It may be called more than once.
func (s *server) stop() {
	_ = s.cmd.Process.Kill() // an error says that it has already ended
	<-s.ended
}

// freePort asks the kernel for a port that nobody listens on at the moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// logWriter keeps the server's output and closes ready when the server says
// that it accepts connections, which spares polling the port.
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
	if bytes.Contains(l.buf.Bytes(), []byte("eady to accept connections")) {
		l.once.Do(func() { close(l.ready) })
	}
	return len(p), nil
}

// String returns what the server has written so far.
func (l *logWriter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
