package readiness

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/intime"
	"github.com/launchready/readiness/internal/statefile"
)

// Memory keeps what one release tells the next: a few hundred bytes that name
// the environment variables which were set, and never hold a value. A folder
// will do, see [Dir], or whatever the platform keeps. What
// cannot be read is reported once, and replaced. Both methods may be
// called concurrently by several instances of the service; the last Save wins.
type Memory interface {
	// Load returns what was saved last: nothing, and no error, where nothing was.
	Load(ctx context.Context) ([]byte, error)
	// Save keeps data in the place of what was there. It must not keep the
	// slice.
	Save(ctx context.Context, data []byte) error
}

// Dir returns a Memory in the file readiness.json of a folder, which is made
// where it is missing. The folder must outlive the release. It is safe for
// concurrent use, also by several processes.
func Dir(path string) Memory { return folder(path) }

// maxMemory is the most that is read of a memory, in bytes.
const maxMemory = 256 << 10

type folder string

func (f folder) file() statefile.File {
	return statefile.File{Dir: string(f), Name: "readiness.json", Max: maxMemory}
}

// Load reads the file, if there is one.
func (f folder) Load(context.Context) ([]byte, error) { return f.file().Load() }

// Save puts another file in the place of the first.
func (f folder) Save(_ context.Context, data []byte) error { return f.file().Save(data) }

// memory is what is known of the last release.
type memory struct {
	known bool     // there was one
	set   []string // the variables that were set in it, sorted
	// damaged: what was kept cannot be read, and may be replaced.
	damaged bool
}

// memoryFile is the form in which a Memory keeps it.
type memoryFile struct {
	Version int      `json:"version"`
	Set     []string `json:"set"`
}

// recall reads the memory. what says why it cannot be used; "" where it can,
// or is empty.
func recall(ctx context.Context, m Memory) (last memory, problem string) {
	var data []byte
	err := intime.Do(ctx, func() (err error) {
		data, err = m.Load(ctx)
		return err
	})
	if err != nil {
		return memory{}, "it cannot be read" // the error may hold a path or a password
	}
	if len(data) == 0 {
		return memory{}, ""
	}
	var file memoryFile
	switch err := json.Unmarshal(data[:min(len(data), maxMemory)], &file); {
	case err == nil && len(data) <= maxMemory && file.Version > 1:
		return memory{}, "a later version of this library wrote it" // which may come back
	case err != nil || len(data) > maxMemory || file.Version != 1:
		return memory{damaged: true}, ""
	}
	slices.Sort(file.Set)
	return memory{known: true, set: slices.Compact(file.Set)}, ""
}

// keep saves what the next release is to know. A variable that vanished stays
// in it for as long as it is declared, so that the finding does too.
func keep(ctx context.Context, m Memory, last memory, declared, set []string) (problem string) {
	all := slices.Clone(set)
	for _, name := range last.set {
		if slices.Contains(declared, name) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if last.known && slices.Equal(all, last.set) {
		return ""
	}
	data, err := json.Marshal(memoryFile{Version: 1, Set: append([]string{}, all...)})
	if err != nil {
		return "it cannot be written"
	}
	if err := intime.Do(ctx, func() error { return m.Save(ctx, data) }); err != nil {
		return "it cannot be written"
	}
	return ""
}

// environmentSince returns the findings of the environment, as it stands and
// against the last release.
func (c *Checker) environmentSince(ctx context.Context) (found, unknown []Finding, last memory) {
	found = c.environment()
	if c.site.memory == nil || len(c.env) == 0 {
		return found, nil, memory{}
	}
	place := "Memory"
	if f, ok := c.site.memory.(folder); ok {
		place = f.file().Path()
	}
	last, problem := recall(ctx, c.site.memory)
	var declared, set []string
	for i := range c.env {
		v := &c.env[i]
		declared = append(declared, v.Name)
		raw, _ := c.lookup(v.Name)
		if strings.TrimFunc(raw, invisible) != "" {
			set = append(set, v.Name)
			continue
		}
		if _, was := slices.BinarySearch(last.set, v.Name); was {
			found = c.vanished(found, v)
		}
	}
	if problem == "" {
		problem = keep(ctx, c.site.memory, last, declared, set)
	}
	fix := "check where Memory keeps its data, and who may write there"
	if last.damaged && problem == "" {
		problem = "what it held was not written by this library, and has been replaced"
		fix = "nothing for now: the next release is compared with this one; see that nothing else writes to " + place
	}
	if problem != "" {
		unknown = append(unknown, Finding{
			Code: codeMemory, Subject: "memory", Title: "the memory of the last release cannot be used: " + problem,
			Detail: "A variable that vanished with a deploy stays unseen.", Fix: fix,
		})
	}
	return found, unknown, last
}

// vanished adds that v was set in the last release: to the finding that it is
// missing, or as one of its own where the service works without it.
func (c *Checker) vanished(found []Finding, v *EnvVar) []Finding {
	row := c.codes[codeVanished]
	seen := v.Name + " " + row.Title
	for i := range found {
		if found[i].Code == codeMissing && found[i].Subject == v.Name {
			found[i].Evidence = append(found[i].Evidence, seen)
			return found
		}
	}
	return append(found, Finding{
		Code: codeVanished, Severity: row.Severity, Subject: v.Name, Title: row.Title,
		Detail: "The service starts without it, and does less. A deploy may have wiped it.", Evidence: []string{seen},
		Fix: v.fix() + ", or take it out of the declaration if it is no longer needed",
	})
}
