package parallel

// Split returns the range [lo, hi) of 0..n-1 that is the given one of pieces consecutive ranges,
// whose lengths differ by at most one; the longer ones come first. A range is empty if there are
// more pieces than elements.
func Split(n, pieces, piece int) (lo, hi int) {
	size, longer := n/pieces, n%pieces
	lo = piece*size + min(piece, longer)
	hi = lo + size
	if piece < longer {
		hi++
	}
	return lo, hi
}
