package smoke

import (
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	// kept is how much of the output stays in memory: more than is shown,
	// because names that replace secrets may be shorter.
	kept = 64 << 10
	// drained bounds the reading of output after the end of the program: what
	// escaped its process group may hold the pipe for ever.
	drained = time.Second
)

// process is a program that runs.
type process struct {
	cmd    *exec.Cmd
	out    *os.File // where its output comes from
	read   chan struct{}
	exited chan struct{}
	state  *os.ProcessState // once it has exited
	lasted time.Duration
}

// startProcess starts a program with its output going to output.
func startProcess(path, dir string, env, args []string, output io.Writer) (*process, error) {
	// A pipe of our own: that of exec.Cmd would let its Wait wait for children
	// of the program that hold it too.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(path, args...), out: r, read: make(chan struct{}), exited: make(chan struct{})}
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
		defer close(p.exited)
		_ = p.cmd.Wait() // what it has to say stands in the state
		p.state, p.lasted = p.cmd.ProcessState, time.Since(began)
	}()
	return p, nil
}

// over reports whether the program has exited.
func (p *process) over() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// end stops the program and what it started, and reads the rest of its
// output. It reports whether the program had to be killed.
func (p *process) end(patience time.Duration) (killed bool) {
	if !p.over() {
		terminate(p.cmd.Process)
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-p.exited:
		case <-timer.C:
			killed = true
		}
	}
	killGroup(p.cmd.Process)
	<-p.exited
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

// tail keeps the end of what is written to it. It is safe for concurrent use.
type tail struct {
	mu    sync.Mutex
	text  []byte
	total int64
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total += int64(len(b))
	t.text = append(t.text, b...)
	if len(t.text) > 2*kept {
		t.text = append(t.text[:0], t.text[len(t.text)-kept:]...)
	}
	return len(b), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// cut reports whether the beginning is gone.
func (t *tail) cut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total > int64(len(t.text))
}
