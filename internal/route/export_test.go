package route

import "net/http"

// Sent is the most specific entry for the path as it was sent, whatever its
// other spellings say: what ServeMux is asked for a clean path.
func (t *Table) Sent(r *http.Request) (Match, bool) {
	m, _ := t.best(r.Method, &t.spell(r, nil)[0])
	return m, m.entry != nil
}
