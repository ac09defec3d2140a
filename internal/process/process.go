package process

import (
	"io"
	"os"
	"os/exec"
	"time"
)

// drained bounds the reading of output after the end of the program: what
// escaped its process group may hold the pipe for ever.
const drained = time.Second

// Process is a program that runs.
type Process struct {
	cmd  *exec.Cmd
	out  *os.File // where its output comes from
	read chan struct{}
	exit chan struct{}

	// State and Lasted are set once it has exited: how it ended, and after how
	// long.
	State  *os.ProcessState
	Lasted time.Duration
}

// Start starts a program in a folder, with env and nothing else as its
// environment, and all its output going to output. Whoever started it calls
// [Process.End].
func Start(path, dir string, env, args []string, output io.Writer) (*Process, error) {
	// A pipe of our own: that of exec.Cmd would let its Wait wait for children
	// of the program that hold it too.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: exec.Command(path, args...), out: r, read: make(chan struct{}), exit: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, env, w, w
	ownGroup(p.cmd)
	began := time.Now()
	err = p.cmd.Start()
	_ = w.Close() // the program has its own
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	go func() {
		defer close(p.read)
		_, _ = io.Copy(output, r) // it ends with the pipe, which has no other way to fail
	}()
	go func() {
		defer close(p.exit)
		_ = p.cmd.Wait() // what it has to say stands in the state
		p.State, p.Lasted = p.cmd.ProcessState, time.Since(began)
	}()
	return p, nil
}

// Exited is closed when the program has exited.
func (p *Process) Exited() <-chan struct{} { return p.exit }

// Over reports whether the program has exited.
func (p *Process) Over() bool {
	select {
	case <-p.exit:
		return true
	default:
		return false
	}
}

// End stops the program and what it started, and reads the rest of its
// output. It reports whether the program had to be killed.
func (p *Process) End(patience time.Duration) (killed bool) {
	if !p.Over() {
		terminate(p.cmd.Process)
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-p.exit:
		case <-timer.C:
			killed = true
		}
	}
	killGroup(p.cmd.Process)
	<-p.exit
	timer := time.NewTimer(drained)
	defer timer.Stop()
	select {
	case <-p.read:
	case <-timer.C:
	}
	_ = p.out.Close()
	<-p.read
	return killed
}
