package secretscan

// The patterns of tokens are cheap to refuse, by their first bytes, and dear
// to try. So that a text made of nothing but the beginnings of tokens is read
// as fast as any other, at most budgetBytes are given to patterns for every
// budgetBlock bytes of text: several times what a list of tokens needs. What
// is over that is not tried.
const (
	budgetBlock = 512
	budgetBytes = 1536
	// perTry is what a try costs besides the bytes it reads, in bytes.
	perTry = 48
)

// budget counts what the patterns were given in one block of the text.
type budget struct {
	block int64
	spent int
}

// spend reports whether a pattern may be tried on n bytes at a place of the
// text. The first try in a block always may.
func (b *budget) spend(at int64, n int) bool {
	if block := at / budgetBlock; block != b.block {
		b.block, b.spent = block, 0
	}
	if b.spent > budgetBytes {
		return false
	}
	b.spent += n + perTry
	return true
}
