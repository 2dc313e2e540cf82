package train

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

// batch is a number of pictures with their labels.
type batch struct {
	size   int // of a side
	pixels []float32
	labels []float32
	source Source
	set    Set

	first uint64
	draw  func(piece, worker int)
}

func newBatch(s Source, n, size int, set Set) *batch {
	b := &batch{size: size, pixels: make([]float32, n*size*size*3), labels: make([]float32, n), source: s, set: set}
	each := size * size * 3
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
