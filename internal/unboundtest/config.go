package unboundtest

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
)

// settings returns the configuration file.
func settings(dir string, port int, zones map[string]string, anchors []string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `server:
	interface: 127.0.0.1@%d
	access-control: 127.0.0.0/8 allow
	directory: %q
	pidfile: %q
	chroot: ""
	username: ""
	do-daemonize: no
	do-ip6: no
	do-not-query-localhost: no
	module-config: "validator iterator"
	num-threads: 1
	use-syslog: no
	logfile: ""
	verbosity: 1
`, port, dir, dir+"/unbound.pid")
	for _, anchor := range anchors {
		// The fields of a record are written with tabs between them.
		fmt.Fprintf(&b, "\ttrust-anchor: %q\n", strings.Join(strings.Fields(anchor), " "))
	}
	names := slices.Sorted(maps.Keys(zones))
	if _, ok := zones["."]; !ok {
		b.WriteString("\tlocal-zone: \".\" refuse\n")
		for _, zone := range names {
			fmt.Fprintf(&b, "\tlocal-zone: %q transparent\n", absolute(zone))
		}
	}
	b.WriteString("remote-control:\n\tcontrol-enable: no\n")
	if _, ok := zones["."]; !ok {
		// What an alias or a name server's name leads to is looked up all the
		// same, and must not leave the machine: nobody is there.
		stub(&b, ".", "127.0.0.1@1")
	}
	for _, zone := range names {
		host, port, err := net.SplitHostPort(zones[zone])
		if err != nil {
			return "", fmt.Errorf("the name server of %s: %w", zone, err)
		}
		stub(&b, absolute(zone), host+"@"+port)
	}
	return b.String(), nil
}

// absolute returns a name with a dot at the end.
func absolute(zone string) string { return strings.TrimSuffix(zone, ".") + "." }

// stub says whom to ask for a zone.
func stub(b *strings.Builder, zone, addr string) {
	fmt.Fprintf(b, "stub-zone:\n\tname: %q\n\tstub-addr: %s\n", zone, addr)
}
