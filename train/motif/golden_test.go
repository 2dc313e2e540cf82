package motif

import (
	"testing"

	"oneiro/internal/fixture"
)

// TestGolden draws each class once and compares with what was drawn when the built-in network was
// trained: its parameters depend on each pixel. The picture is also a contact sheet to look at.
func TestGolden(t *testing.T) {
	const size, columns = 32, 8
	rows := (len(classes) + columns - 1) / columns
	sheet := make([]float32, rows*size*columns*size*3)
	one := make([]float32, size*size*3)
	for c := range classes {
		Draw(one, size, c, 1, uint64(c))
		for y := range size {
			copy(sheet[((c/columns*size+y)*columns+c%columns)*size*3:], one[y*size*3:][:size*3])
		}
	}
	fixture.Golden(t, "classes.png", columns*size, sheet)
}
