package health

// Clip is clip, for its fuzz test.
var Clip = clip

// LookUp is DNS with a resolver of the test's, which Resolver makes of a way
// to the name server.
var (
	LookUp   = lookUp
	Resolver = resolver
)

// Await is await.
func Await(done <-chan int, stop <-chan struct{}) (int, bool) { return await(done, stop) }
