package train

import "oneiro/train/motif"

// Source is where pictures come from.
type Source interface {
	// Classes names what pictures show.
	Classes() []string
	// Picture fills dst with picture number index of a set, size x size pixels of sRGB 0..1, and returns the
	// number of its class. No picture is in two sets. It is called from several goroutines.
	Picture(dst []float32, size int, set Set, index uint64) (class int)
}

// Set is what pictures are for.
type Set uint64

// The sets.
const (
	ForTraining Set = iota
	ForTest         // never trained on
	ForScale        // to measure by how large answers are
)

// Motifs draws the pictures of package motif, as many as anybody asks for. Other seeds give others.
type Motifs struct{ Seed uint64 }

// Classes implements [Source].
func (Motifs) Classes() []string { return motif.Names() }

// Picture implements [Source].
func (m Motifs) Picture(dst []float32, size int, set Set, index uint64) int {
	r := motif.NewRand(m.Seed<<2|uint64(set), index)
	class := r.Int(0, motif.Count()-1)
	motif.Draw(dst, size, class, r)
	return class
}
