package browser

// program is oneiro, built once.
var program struct {
	dir string
}
