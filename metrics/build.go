package metrics

import (
	"cmp"
	"runtime/debug"
)

// build is what is running.
type build struct{ release, revision string }

// newBuild asks the binary what the Config does not say.
func newBuild(release string) build {
	b := build{release: release}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	modified := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "-modified"
		}
	}
	if b.revision != "" {
		b.revision += modified
	}
	if info.Main.Version != "(devel)" { // which is no version
		b.release = cmp.Or(b.release, info.Main.Version)
	}
	return b
}
