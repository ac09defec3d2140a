package redact

// Words are the words of a name, or of the path of an address, in small letters,
// as they are set apart by signs, digits and capitals: deleteAccount is delete
// and account.
func Words(name string) []string { return nameWords(name) }
