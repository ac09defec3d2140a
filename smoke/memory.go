package smoke

import (
	"context"

	"github.com/launchready/readiness/internal/statefile"
)

// Memory keeps what the runs of earlier releases measured: some kilobytes of
// names, durations and notes, and no secret. A folder will do, see [Dir], two
// functions, see [MemoryFuncs], or whatever the platform keeps. One memory
// serves several addresses: only runs of the same one are compared, and all
// handlers in a process are one. What cannot be read is told, and left as it
// is. Two runs that end at the same moment may cost one of them its place; the
// last Save wins.
type Memory interface {
	// Load returns what was saved last: nothing, and no error, where nothing was.
	Load(ctx context.Context) ([]byte, error)
	// Save keeps data in the place of what was there. It must not keep the
	// slice.
	Save(ctx context.Context, data []byte) error
}

// Dir returns a Memory in the file smoke.json of a folder, which is made
// where it is missing. The folder must outlive the run: in a pipeline it is
// what the pipeline caches. It is safe for concurrent use, also by several
// processes.
func Dir(path string) Memory { return folder(path) }

// maxMemory is the most that is read of a memory, in bytes.
const maxMemory = 4 << 20

type folder string

func (f folder) file() statefile.File {
	return statefile.File{Dir: string(f), Name: "smoke.json", Max: maxMemory}
}

// Load reads the file, if there is one.
func (f folder) Load(context.Context) ([]byte, error) { return f.file().Load() }

// Save puts another file in the place of the first.
func (f folder) Save(_ context.Context, data []byte) error { return f.file().Save(data) }

// MemoryFuncs is a [Memory] of two functions, for what a platform keeps: a
// row of a database, an object in a bucket. Both are required.
type MemoryFuncs struct {
	_ [0]func()

	// LoadFunc is Memory's Load.
	LoadFunc func(ctx context.Context) ([]byte, error)
	// SaveFunc is Memory's Save.
	SaveFunc func(ctx context.Context, data []byte) error
}

// Load calls LoadFunc.
func (m MemoryFuncs) Load(ctx context.Context) ([]byte, error) { return m.LoadFunc(ctx) }

// Save calls SaveFunc.
func (m MemoryFuncs) Save(ctx context.Context, data []byte) error { return m.SaveFunc(ctx, data) }
