// Package formfield reads single fields of a request's form before its handler
// does, without the handler noticing.
//
// [Read] takes at most [Max] bytes of the body and puts them back: whoever
// reads the body afterwards gets the same bytes, and the same error where there
// was one. [Form.Values] then returns every value that a handler may take for
// a field, whichever of the standard library's ways it uses: FormValue,
// PostFormValue, the maps behind them, a multipart.Reader, the URL's query, or
// encoding/json on the top level of the body. A value too many costs a count
// too many; a value too few would be a way around a limit. That is why the
// query is read beside the body (FormValue prefers it to a multipart body), and
// why a body that begins like a JSON object is read as one whatever its
// Content-Type says (few handlers ask).
//
// Bodies are taken as they are: one that is compressed has no fields.
package formfield
