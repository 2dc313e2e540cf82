package train

import "oneiro/internal/motif"

// Source is where pictures come from.
type Source interface {
	// Classes names what pictures show.
	Classes() []string
	// Picture fills dst with a picture, size x size pixels of sRGB 0..1, and returns the number of its class.
	// The same stream and index give the same picture. It is called from several goroutines.
	Picture(dst []float32, size int, stream, index uint64) (class int)
}

// Motifs draws the pictures of package motif.
type Motifs struct{}

// Classes implements [Source].
func (Motifs) Classes() []string { return motif.Names() }

// Picture implements [Source].
func (Motifs) Picture(dst []float32, size int, stream, index uint64) int {
	r := motif.NewRand(stream, index)
	class := r.Int(0, len(motif.Names())-1)
	motif.Draw(dst, size, class, r)
	return class
}
