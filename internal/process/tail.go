package process

import "sync"

// kept is how much of an output stays in memory.
const kept = 64 << 10

// Tail keeps the end of what is written to it. It is safe for concurrent use.
type Tail struct {
	mu    sync.Mutex
	text  []byte
	total int64
}

// Write never fails.
func (t *Tail) Write(b []byte) (int, error) {
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
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// Cut reports whether the beginning is gone.
func (t *Tail) Cut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total > int64(len(t.text))
}
