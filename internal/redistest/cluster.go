package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/servertest"
)

const (
	nodes    = 3 // the fewest that a Cluster's votes need
	slots    = 16384
	patience = 30 * time.Second // nodes agree about two seconds after they have met
	pause    = 20 * time.Millisecond
	maxReply = 64 << 10
)

// StartCluster starts a Redis Cluster of three primaries on free ports of
// 127.0.0.1, the ports of its bus included, and returns their addresses once
// each of them says that the cluster is in order and every slot is served. It
// needs Redis 7 or newer, which can be told its bus port. Otherwise it is as
// [Start] is: empty, killed with the test, skipped where no redis-server is
// installed, and failed there in CI.
func StartCluster(t TB) (addrs []string) {
	t.Helper()
	buses := make([]int, nodes)
	for i := range nodes {
		addr := start(t, func() ([]string, error) {
			bus, err := servertest.FreePort()
			buses[i] = bus
			return []string{
				"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
				"--cluster-port", strconv.Itoa(bus), "--cluster-announce-ip", "127.0.0.1",
			}, err
		})
		if addr == "" {
			return nil
		}
		addrs = append(addrs, addr)
	}
	if err := form(addrs, buses); err != nil {
		t.Fatalf("the Redis Cluster cannot be formed: %v", err)
		return nil
	}
	return addrs
}

// form gives each node its share of the slots, makes all of them meet, and
// waits until they agree.
func form(addrs []string, buses []int) error {
	for i, addr := range addrs {
		first, last := i*slots/nodes, (i+1)*slots/nodes-1
		// Nodes that meet with epochs of their own need no vote about them.
		if _, err := ask(addr, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)); err != nil {
			return err
		}
		if _, err := ask(addr, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last)); err != nil {
			return err
		}
		// Each meets each: nobody waits for gossip.
		for j := range i {
			host, port, err := net.SplitHostPort(addrs[j])
			if err != nil {
				return err
			}
			if _, err := ask(addr, "CLUSTER", "MEET", host, port, strconv.Itoa(buses[j])); err != nil {
				return err
			}
		}
	}
	deadline := time.Now().Add(patience)
	for _, addr := range addrs {
		for {
			info, err := ask(addr, "CLUSTER", "INFO")
			if err != nil {
				return err
			}
			if inOrder(info) {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("after %s node %s says:\n%s", patience, addr, info)
			}
			time.Sleep(pause)
		}
	}
	return nil
}

// inOrder reports whether a node's CLUSTER INFO knows of every node, serves
// every slot, and takes commands.
func inOrder(info string) bool {
	for _, line := range []string{
		"cluster_state:ok",
		"cluster_slots_ok:" + strconv.Itoa(slots),
		"cluster_known_nodes:" + strconv.Itoa(nodes),
		"cluster_size:" + strconv.Itoa(nodes),
	} {
		if !strings.Contains(info, line+"\r\n") {
			return false
		}
	}
	return true
}

// ask sends one command and returns its reply, a simple or a bulk string. It
// speaks the protocol itself so that every package's tests can use this one
// without a client among its imports.
func ask(addr string, args ...string) (reply string, err error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	command := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		command = fmt.Appendf(command, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := c.Write(command); err != nil {
		return "", err
	}
	r := bufio.NewReader(c)
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	switch {
	case strings.HasPrefix(line, "+"):
		return line[1:], nil
	case strings.HasPrefix(line, "$"):
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 || n > maxReply {
			return "", fmt.Errorf("%s replied %q", args, line)
		}
		text := make([]byte, n)
		_, err = io.ReadFull(r, text)
		return string(text), err
	default:
		return "", fmt.Errorf("%s replied %q", args, line)
	}
}
