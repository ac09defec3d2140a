// Package secretscan finds keys, tokens and passwords in text. It is pure: it
// reads what it is given, and neither files nor the network.
//
// The text passes once through an automaton that knows the literal keywords of
// all rules, such as "ghp_" or "postgres:". Only where one of them stands is
// its rule tried, on a window of bounded size, and what it yields has to pass
// the checks of the rule: enough entropy, no placeholder, a host that can be
// reached. So the cost of a text hardly depends on the number of rules, a line
// may be of any length, and a reader is scanned in memory of a constant size,
// with the same result as the whole text at once. A text of nothing but the
// beginnings of secrets costs some thirty times as much as code: the first
// bytes of a match are compared before its pattern is tried, and what all
// patterns may read is limited, for every 512 bytes of text.
//
// A finding never carries the secret: at most its first four characters are
// shown, and none of a password. A line that holds the words in [Marker] is
// left out, and so is a finding whose fingerprint stands in an ignore file.
//
// A text in UTF-16 is read as one, and so are the parts of a log that are.
//
// What it does not find: secrets in compressed or encrypted form, split over
// several literals, and passwords that look like words.
package secretscan
