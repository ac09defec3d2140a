package redistest

// Rest is a testing.M that gives go-redis time to end before goleak looks: a
// pool that could not dial looks once a second whether it was closed, and on a
// busy machine that takes longer than goleak waits. find is goleak.Find.
func Rest(tests interface{ Run() int }, find func() error) interface{ Run() int } {
	return rest{tests, find}
}

type rest struct {
	tests interface{ Run() int }
	find  func() error
}

// Run runs the tests, and then looks for goroutines that are about to end.
func (r rest) Run() int {
	code := r.tests.Run()
	for range 3 {
		if r.find() == nil {
			break
		}
	}
	return code
}
