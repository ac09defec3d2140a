package prometheustest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/launchready/readiness/internal/servertest"
)

// TB is the part of testing.TB that this package needs.
type TB = servertest.TB

// Start starts a Prometheus with this configuration file's text on a free
// port of 127.0.0.1 and returns its URL once it serves. Features are those of
// its flag --enable-feature, such as "native-histograms", with which a
// Prometheus before 3.0 takes native histograms and leaves the classic ones.
// Its data lies in the test's temporary folder. It is killed and waited for when the test and its subtests have
// ended. Start skips the test where no Prometheus is installed, and fails it
// where CI is "true".
func Start(t TB, config string, features ...string) (url string) {
	t.Helper()
	port := servertest.Server{
		Program: "prometheus",
		Ready:   "Server is ready to receive web requests",
		Args: func(port int, dir string) ([]string, error) {
			file := filepath.Join(dir, "prometheus.yml")
			return []string{
				"--config.file", file, "--storage.tsdb.path", filepath.Join(dir, "data"),
				"--web.listen-address", address(port), "--enable-feature", strings.Join(features, ","),
			}, os.WriteFile(file, []byte(config), 0o600)
		},
	}.Start(t)
	if port == 0 {
		return ""
	}
	return "http://" + address(port)
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Promtool runs promtool with these arguments and returns what it wrote, and
// an error where it is not content. It skips the test where no promtool is
// installed, and fails it where CI is "true".
func Promtool(t TB, args ...string) (output string, err error) {
	t.Helper()
	path := servertest.Find(t, "promtool", "")
	if path == "" {
		return "", nil
	}
	text, err := exec.Command(path, args...).CombinedOutput()
	return string(text), err
}
