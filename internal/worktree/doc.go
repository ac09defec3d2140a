// Package worktree reads a git work tree by running git: the files that it
// tracks, and those that the next commit changes, as they are staged.
//
// Git is run without locks, with messages in English, with a bound on what it
// prints, and it ends with the context that it was given.
package worktree
