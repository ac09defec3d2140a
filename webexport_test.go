package readiness

// ShowURL is how evidence shows the address of a page.
var ShowURL = showURL
