package respond

// Outcome is what a handler declared about its request: whether it
// succeeded in the application's own terms, whatever the status says.
type Outcome uint8

// The outcomes. A request begins Undeclared.
const (
	Undeclared Outcome = iota
	Succeeded
	Failed
)

// notes are what recorders around one another share.
type notes struct {
	route string
	rare  *rare // nil while there is none
}

// rare is what few requests carry. It lies apart, because every request pays
// for the size of a Recorder.
type rare struct {
	user, requestID string
	outcome         Outcome
}

func (rec *Recorder) shared() *notes {
	if rec.outer != nil {
		return rec.outer
	}
	return &rec.own
}

// Route returns the route's name, empty while nobody set one.
func (rec *Recorder) Route() string { return rec.shared().route }

// SetRoute names the route: a pattern such as "/listings/{id}", never a path
// that a client chose.
func (rec *Recorder) SetRoute(name string) { rec.shared().route = name }

// Outcome returns the declared outcome.
func (rec *Recorder) Outcome() Outcome {
	if n := rec.shared(); n.rare != nil {
		return n.rare.outcome
	}
	return Undeclared
}

// SetOutcome declares the outcome. The last declaration counts.
func (rec *Recorder) SetOutcome(o Outcome) { rec.shared().more().outcome = o }

// User returns who the request is from, empty while nobody said.
func (rec *Recorder) User() string {
	if n := rec.shared(); n.rare != nil {
		return n.rare.user
	}
	return ""
}

// SetUser notes who the request is from, in the application's own terms. It
// is personal: nobody may show it to anybody.
func (rec *Recorder) SetUser(id string) { rec.shared().more().user = id }

// RequestID returns the request's id, empty while nobody set one.
func (rec *Recorder) RequestID() string {
	if n := rec.shared(); n.rare != nil {
		return n.rare.requestID
	}
	return ""
}

// SetRequestID notes the id under which the application logs the request.
func (rec *Recorder) SetRequestID(id string) { rec.shared().more().requestID = id }

func (n *notes) more() *rare {
	if n.rare == nil {
		n.rare = new(rare)
	}
	return n.rare
}
