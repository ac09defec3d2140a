// Package rdap reads what registries say about a domain (RFC 9083), and which
// registry to ask (RFC 9224). It fetches nothing itself.
//
// Whatever is missing, stands there twice in different ways or is not of its
// form is an error, never a guess.
package rdap
