// Package webprobe gathers facts about web addresses and judges none of them:
// the chain of redirects that a URL leads through, what the last page says,
// the certificate that a server presents and whether it verifies.
//
// A [Prober] lives for one run of a check. It fetches each URL once, however
// many callers want it, with a bounded number in flight, follows redirects
// itself so that every hop is seen, and bounds what it reads. It sends GET
// requests only, and no credentials. It connects to no private address unless
// that is allowed, which it decides about the address that it is about to
// connect to, not about a name that may change its mind.
//
// Beside it stand small parsers without any network: robots.txt, the tags of
// a page, and the headers that the rules ask about.
package webprobe
