package parallel

// Split cuts 0..n-1 into consecutive ranges and returns one of them, [lo, hi). The lengths of the ranges
// differ by at most one, and the longer ones come first. If there are more pieces than elements, the last
// ranges are empty.
func Split(n, pieces, piece int) (lo, hi int) {
	size, longer := n/pieces, n%pieces
	lo = piece*size + min(piece, longer)
	hi = lo + size
	if piece < longer {
		hi++
	}
	return lo, hi
}
