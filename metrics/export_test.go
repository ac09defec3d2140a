package metrics

// LockRoutes takes the lock under which routes are added.
func LockRoutes(m *Metrics) (unlock func()) {
	m.routes.mu.Lock()
	return m.routes.mu.Unlock
}
