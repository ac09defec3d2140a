package redistest

import (
	"net"
	"strconv"

	"github.com/launchready/readiness/internal/servertest"
)

// TB is the part of testing.TB that this package needs.
type TB = servertest.TB

// Start starts a redis-server on a free port of 127.0.0.1 and returns its
// address once it accepts connections. The server is empty, writes no file
// outside the test's temporary folder and is killed and waited for when the
// test and its subtests have ended. Start skips the test where no
// redis-server is installed, and fails it where CI is "true". Each call
// starts a server of its own, so that parallel tests do not meet.
func Start(t TB) (addr string) {
	t.Helper()
	return start(t, func() ([]string, error) { return nil, nil })
}

// start starts one server with further arguments, asked for at each attempt.
func start(t TB, more func() ([]string, error)) (addr string) {
	t.Helper()
	port := servertest.Server{
		Program: "redis-server",
		Ready:   "eady to accept connections",
		Args: func(port int, dir string) ([]string, error) {
			args, err := more()
			return append([]string{
				"--bind", "127.0.0.1", "--port", strconv.Itoa(port),
				"--save", "", "--appendonly", "no", "--dir", dir, "--daemonize", "no", "--logfile", "",
			}, args...), err
		},
	}.Start(t)
	if port == 0 {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
