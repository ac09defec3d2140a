package secretscan

import "io"

// Plain is what a [Scanner] reads of a text: UTF-16, also where only parts of
// the text are, becomes UTF-8.
func Plain(r io.Reader) io.Reader { return new(Scanner).plain(r) }
