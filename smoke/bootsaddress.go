package smoke

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
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
// place of {addr} and {port}. The port is free when it is looked for, and
// somebody may take it after that: see portTaken.
func (b *boot) fillIn(args []string) (vars, filled []string, problem string) {
	texts := slices.Concat(slices.Collect(maps.Values(b.env)), args)
	replace := strings.NewReplacer()
	if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, addrRef) || strings.Contains(s, portRef) }) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, fmt.Sprintf("no free address for %s: %v", b.name, err)
		}
		b.address = l.Addr().String()
		_ = l.Close() // it has served its purpose
		_, port, _ := net.SplitHostPort(b.address)
		replace = strings.NewReplacer(addrRef, b.address, portRef, port)
	}
	vars = []string{} // nil would be the environment of the test
	for _, name := range slices.Sorted(maps.Keys(b.env)) {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(b.env[name], "\x00") {
			return nil, nil, fmt.Sprintf("env[%q] is no variable: the name holds no =, and neither holds a zero byte", name)
		}
		vars = append(vars, name+"="+replace.Replace(b.env[name]))
	}
	for _, arg := range args {
		filled = append(filled, replace.Replace(arg))
	}
	return vars, filled, ""
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
