package train

import "oneiro/train/motif"

// Source is an endless supply of labelled pictures.
type Source interface {
	// Classes returns the names of the classes.
	Classes() []string
	// Picture fills dst with picture number index of a set, size x size x 3, sRGB in 0..1, and returns its
	// class. No picture is in two sets. Several goroutines call it at once.
	Picture(dst []float32, size int, set Set, index uint64) (class int)
}

// Finite is a source with no more pictures for a test than TestPictures says. Those of higher numbers are the
// same again.
type Finite interface{ TestPictures() int }

// Set is what a picture is for.
type Set uint64

// The sets.
const (
	ForTraining Set = iota
	ForTest         // never trained on
	ForScale        // to measure means and variances
)

// Motifs is the source that draws the pictures of package motif. Each seed gives other pictures.
type Motifs struct{ Seed uint64 }

// Classes implements [Source].
func (Motifs) Classes() []string { return motif.Names() }

// Picture implements [Source].
func (m Motifs) Picture(dst []float32, size int, set Set, index uint64) int {
	return motif.DrawAny(dst, size, m.Seed<<2|uint64(set), index)
}
