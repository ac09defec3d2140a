package smoke

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	addrRef = "{addr}"
	portRef = "{port}"
)

// portInUse is how the runtimes of most languages say so.
var portInUse = regexp.MustCompile(`(?i)address already in use|EADDRINUSE|only one usage of each socket address`)

// program returns the absolute path of a program, or what is wrong with it.
func program(binary string) (path, problem string) {
	if binary == "" {
		return "", "Boots needs the path of a program"
	}
	path, err := filepath.Abs(binary)
	if err != nil {
		return "", fmt.Sprintf("%s cannot be found: %v", binary, bareError(err))
	}
	path, err = exec.LookPath(path) // with the .exe of Windows
	switch {
	case err == nil:
		return path, ""
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, exec.ErrNotFound):
		return "", binary + " does not exist: build it first, with go build -o"
	}
	return "", fmt.Sprintf("%s cannot be executed: %v", binary, bareError(err))
}

// fillIn returns the environment and the arguments with a free address in
// place of {addr} and {port}.
func (b *boot) fillIn(args []string) (vars, filled []string, problem string) {
	texts := slices.Concat(slices.Collect(maps.Values(b.env)), args)
	replace := strings.NewReplacer()
	if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, addrRef) || strings.Contains(s, portRef) }) {
		if b.address, b.claim, problem = freeAddress(); problem != "" {
			return nil, nil, problem
		}
		_, port, _ := net.SplitHostPort(b.address)
		replace = strings.NewReplacer(addrRef, b.address, portRef, port)
	}
	vars = []string{} // nil would be the environment of the test
	for _, name := range slices.Sorted(maps.Keys(b.env)) {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(b.env[name], "\x00") {
			return nil, nil, fmt.Sprintf("env[%q] is no variable: the name holds no =, and neither holds a zero byte", name)
		}
		value := replace.Replace(b.env[name])
		vars = append(vars, name+"="+value)
		b.conceal(name, value, value != b.env[name])
	}
	for _, arg := range args {
		filled = append(filled, replace.Replace(arg))
	}
	return vars, filled, ""
}

// freeAddress returns an address that nobody listens on. The port cannot be
// held until the program takes it, and a program that answers in the place of
// another would hide a failure. So it is none of those that systems give away
// by themselves, and the one above it is claimed while it is in use: that is
// how this function finds the ports of others that it has given out.
func freeAddress() (address string, claim net.Listener, problem string) {
	var err error
	for range 100 {
		port := 20000 + 2*rand.N(6000)
		claim, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		if err != nil {
			continue
		}
		var l net.Listener
		l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close() // it has served its purpose
			return l.Addr().String(), claim, ""
		}
		_ = claim.Close()
	}
	return "", nil, fmt.Sprintf("no free address was found: %v", err)
}

// portTaken reports whether the program found its port taken.
func (b *boot) portTaken() bool { return b.address != "" && portInUse.MatchString(b.output.String()) }

// startText says why a program that is there cannot be started.
func startText(binary string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return binary + " cannot be started: what it needs to run, an interpreter or a dynamic linker, does not exist here"
	}
	return fmt.Sprintf("%s cannot be started: %v", binary, bareError(err))
}

// bareError leaves out the path, which people know better by the name they
// gave.
func bareError(err error) error {
	if wrapped, ok := errors.AsType[*exec.Error](err); ok {
		err = wrapped.Err
	}
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrapped.Err
	}
	if wrapped, ok := errors.AsType[*os.SyscallError](err); ok {
		err = wrapped.Err
	}
	return err
}
