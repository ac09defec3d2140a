package health

// Clip is clip, for its fuzz test.
var Clip = clip
