package mat

// SetLargeLayer sets the size of layers before which the first pass stops, and returns what it was.
func SetLargeLayer(size int64) (before int64) {
	before, largeLayer = largeLayer, size
	return before
}
