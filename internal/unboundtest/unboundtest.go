package unboundtest

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/launchready/readiness/internal/servertest"
)

// TB is the part of testing.TB that [Start] needs.
type TB = servertest.TB

// beside is where Debian has the program; it is not in everybody's PATH.
const beside = "/usr/sbin"

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
	port := servertest.Server{
		Program: "unbound", Folder: folder,
		Ready: "start of service",
		Args: func(port int, dir string) ([]string, error) {
			text, err := settings(dir, port, zones, anchors)
			if err != nil {
				return nil, err
			}
			file := filepath.Join(dir, "unbound.conf")
			return []string{"-d", "-c", file}, os.WriteFile(file, []byte(text), 0o600)
		},
		Answers: func(port int) error { return answers(address(port)) },
	}.Start(t)
	if port == 0 {
		return ""
	}
	return address(port)
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// localhost is a question that a resolver answers by itself: "localhost. A".
const localhost = "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09localhost\x00\x00\x01\x00\x01"

// answers puts one question and waits for the answer.
func answers(addr string) (err error) {
	c, err := net.Dial("udp", addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	if _, err := c.Write([]byte(localhost)); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 512))
	return err
}
