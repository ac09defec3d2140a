// Package webpage reads pages as a visitor, or a check in the place of one,
// sees them: what a page shows ([Read]), the forms on it ([Parse]), and
// whether it is what it claims to be, or the error page of some product
// ([ErrorPage]), a page with pieces of its template in it ([Leftover]), a blank
// one ([Blank]) or a bot challenge ([Challenge]).
//
// All are functions of plain values, safe for concurrent use, and linear in
// the length of the document.
package webpage
