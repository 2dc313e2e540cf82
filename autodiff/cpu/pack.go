package cpu

import (
	"oneiro/autodiff"
)

// maxK bounds how many rows of B one call of Gemm multiplies: with more, the block of A that a call
// works on falls out of the second-level cache.
const maxK = 1152

// chunks splits k rows into as few equal parts of at most maxK as will do.
func chunks(k int) []int {
	n := (k + maxK - 1) / maxK
	ends := make([]int, n)
	for i := range n {
		ends[i] = (i + 1) * k / n
	}
	return ends
}

// packed is a constant in the order that a kernel reads.
type packed struct {
	data    []float32
	holders int // programs that read it
}

// keep returns where a packed form of a constant, size floats, stays as long as the program, or nil if there
// is no room in the cache. The stage fill writes it when the program is loaded.
func (b *builder) keep(key packKey, size int, fill func(dst func() []float32) stage) func() []float32 {
	at, there := b.keeps[key]
	if !there {
		if 4*int64(b.kept+size) > b.cache {
			return nil
		}
		at = b.kept
		b.kept += size
		b.keeps[key] = at
	}
	p := b.program
	where := func() []float32 { return p.kept[at:][:size] }
	if !there {
		b.fills = append(b.fills, fill(where))
	}
	return where
}

// packKey names a packed form of a constant.
type packKey struct {
	t    *autodiff.Tensor
	form any
}

// pack returns a packed form of a constant, size floats made by fill. Programs that are loaded at the same time
// share it, and the last of them to be closed releases it. The next program makes it again: for the three
// programs of a stage of style transfer that takes 8 ms with GoogLeNet (14 MiB), and 14 µs with VGG-19, where
// all layers but the first are Winograd's.
func (b *builder) pack(t *autodiff.Tensor, form any, size int, fill func(dst []float32)) *packed {
	d, key := b.dev, packKey{t, form}
	first := !b.charged[key]
	if first {
		b.charged[key] = true
		b.packed += 4 * int64(size)
	}
	if b.dry {
		return &packed{}
	}
	pk := d.packs[key]
	if pk == nil {
		pk = &packed{data: make([]float32, size)}
		fill(pk.data)
		d.packs[key] = pk
	}
	if first {
		pk.holders++
		b.packs = append(b.packs, key)
	}
	return pk
}

// release gives up the packed constants that the program holds.
func (p *program) release() {
	for _, key := range p.packs {
		pk := p.dev.packs[key]
		if pk.holders--; pk.holders == 0 {
			delete(p.dev.packs, key)
		}
	}
	p.packs = nil
}

// packMatrix packs the k x n matrix src, whose element [p][j] is src[p*rowStride+j*colStride], chunk
// by chunk.
func (d *Device) packMatrix(dst, src []float32, k, n, rowStride, colStride int) {
	k0 := 0
	for _, k1 := range chunks(k) {
		size := d.simd.PackedSize(k1-k0, n)
		d.simd.PackB(dst[:size], src[k0*rowStride:], k1-k0, n, rowStride, colStride)
		dst = dst[size:]
		k0 = k1
	}
}
