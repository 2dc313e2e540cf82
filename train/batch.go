package train

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

// batch is a batch of pictures and their labels.
type batch struct {
	size   int       // side of a picture, in pixels
	pixels []float32 // N x size x size x 3, sRGB in 0..1
	labels []float32 // N class indices
	source Source
	set    Set

	first uint64
	draw  func(piece, worker int)
}

func newBatch(s Source, n, size int, set Set) *batch {
	each := size * size * 3
	b := &batch{
		size: size, pixels: make([]float32, n*each), labels: make([]float32, n), source: s, set: set,
	}
	b.draw = func(i, _ int) {
		b.labels[i] = float32(s.Picture(b.pixels[i*each:(i+1)*each], size, set, b.first+uint64(i)))
	}
	return b
}

func (b *batch) shape() autodiff.Shape {
	return autodiff.Shape{N: len(b.labels), H: b.size, W: b.size, C: 3}
}

// fill draws the pictures of batch number i, on all threads of the pool.
func (b *batch) fill(pool *parallel.Pool, i int) {
	b.first = uint64(i) * uint64(len(b.labels))
	pool.Run(len(b.labels), b.draw)
}
