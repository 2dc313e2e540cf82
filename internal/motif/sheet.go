package motif

// Sheet returns a picture of every class: a row of columns pictures, size x size pixels each, for
// each, and the rows of the second half of the classes to the right of those of the first. It is
// height x width pixels of sRGB 0..1.
func Sheet(size, columns int, seed uint64) (height, width int, pixels []float32) {
	half := (len(classes) + 1) / 2
	height, width = size*half, size*columns*2
	pixels = make([]float32, height*width*3)
	tile := make([]float32, size*size*3)
	for c := range classes {
		for i := range columns {
			Draw(tile, size, c, NewRand(seed, uint64(c*columns+i)))
			top, left := c%half*size, (c/half*columns+i)*size
			for y := range size {
				copy(pixels[((top+y)*width+left)*3:], tile[y*size*3:(y+1)*size*3])
			}
		}
	}
	return height, width, pixels
}
