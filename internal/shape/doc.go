// Package shape describes what a request carried without what it said: the
// names, types and lengths of the fields of a form or of JSON, and the keys
// of a query. It is for the record of a request that failed, which has to
// help with repeating it and must hold no secret, no e-mail address and no
// other value.
//
//	shape.Of("application/json", []byte(`{"email":"a@b.example","days":3}`), false).String()
//	// {"days":"number","email":"string(11)"}, in the order of the body
//
// Names come from the client, too, and so a name is only shown where it reads
// like one that a programmer gave: see [Name].
package shape
