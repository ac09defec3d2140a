package smoke

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// UnreadError names text files that were not looked at: those over 10 MB, those
// that a sparse checkout leaves out of the working tree, and those that hold a byte 0 and are not in UTF-16, although their name says
// that they are texts, such as .env or config.yml. It is returned only where
// nothing else went wrong.
type UnreadError struct {
	// Files are paths below the folder that was looked at.
	Files []string

	binary []string // those of Files with a byte 0
	sparse []string // those of Files that are not there
}

// Error names the first of the files, and why they were not looked at.
func (e *UnreadError) Error() string {
	large := slices.DeleteFunc(slices.Clone(e.Files), func(f string) bool { return slices.Contains(e.binary, f) || slices.Contains(e.sparse, f) })
	var why []string
	if len(large) > 0 {
		why = append(why, "because larger than 10 MB: "+someFiles(large))
	}
	if len(e.binary) > 0 {
		why = append(why, "because of a byte 0 in what is named like a text: "+someFiles(e.binary))
	}
	if len(e.sparse) > 0 {
		why = append(why, "because a sparse checkout leaves it out: "+someFiles(e.sparse))
	}
	return "smoke: not looked at for secrets, " + strings.Join(why, "; ")
}

func someFiles(files []string) string {
	const named = 5
	var list []string
	for _, f := range files[:min(len(files), named)] {
		list = append(list, shownFile(f))
	}
	if more := len(files) - named; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, " ")
}

// textEnds are the ends of the names of files that are texts, and may hold
// settings.
var textEnds = []string{
	".env", ".yml", ".yaml", ".json", ".toml", ".ini", ".conf", ".properties", ".txt", ".md", ".go", ".js", ".ts", ".py", ".rb", ".php", ".sh",
}

// namedText reports a file whose name says that it is a text.
func namedText(name string) bool {
	base := strings.ToLower(path.Base(name))
	return strings.HasPrefix(base, ".env") || slices.Contains(textEnds, path.Ext(base))
}
