package unboundtest

// StartFrom is Start for a machine that has unbound in the folder, or in PATH.
func StartFrom(t TB, folder string) (addr string) {
	t.Helper()
	return startFrom(t, folder, nil, nil)
}
