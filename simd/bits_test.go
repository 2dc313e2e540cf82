package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// bitLengths are all around the widths of vectors and of words, and one in several words.
func bitLengths() []int {
	var n []int
	for i := range 131 {
		n = append(n, i)
	}
	return append(n, 255, 256, 257, 512)
}

// bitRows is rows of floats and of their bits, with guards in all gaps.
type bitRows struct {
	stride, words, rows, n int
	src, dst, bits         *guarded
}

func (b bitRows) String() string {
	return fmt.Sprintf("%d rows of %d, strides %d and %d", b.rows, b.n, b.stride, b.words)
}

// rowsOfBits calls f with many layouts and checks the guards.
func rowsOfBits(t *testing.T, fill func() float32, f func(b bitRows)) {
	t.Helper()
	r := newRand()
	run := func(rows, n, gap, wordGap, offset int) {
		b := bitRows{stride: n + gap, words: wordsOf(n) + wordGap, rows: rows, n: n}
		floats, words := span(rows, b.stride, n), span(rows, b.words, wordsOf(n))
		b.src, b.dst = guard(floats, offset), guard(floats, offset*3%17)
		b.bits = guard(words, offset*5%17)
		b.src.owned = func(i int) bool { return i%b.stride < n }
		b.dst.owned = b.src.owned
		b.bits.owned = func(i int) bool { return i%b.words < wordsOf(n) }
		b.src.fill(fill)
		b.bits.fill(func() float32 { return math.Float32frombits(r.Uint32()) })
		f(b)
		for _, g := range []*guarded{b.src, b.dst, b.bits} {
			g.check(t, b.String())
		}
	}
	for _, n := range bitLengths() {
		for rows := range 4 {
			run(rows, n, 0, 0, n%17)
			run(rows, n, 5, 2, (n+3)%17)
		}
		for offset := range 17 {
			run(2, n, offset, 1, offset)
		}
	}
	run(5, 2*vectorChunkForTest+37, 3, 1, 1) // rows longer than what one call to assembly takes
	run(1500, 67, 0, 0, 0)                   // and more of them
}

// vectorChunkForTest is vectorChunk, which the generic tier does not have.
const vectorChunkForTest = 1 << 15

// span is what rows of n elements take.
func span(rows, stride, n int) int {
	if rows == 0 || n == 0 {
		return 0
	}
	return (rows-1)*stride + n
}

// bitAt returns bit i of a little-endian row of words, found by division.
func bitAt(words []uint32, i int) bool {
	word := words[i/32]
	for range i % 32 {
		word /= 2
	}
	return word%2 == 1
}

func testPositive(t *testing.T, k *Kernels) {
	rowsOfBits(t, normals(newRand(), true), func(b bitRows) {
		bits := words(b.bits.v)
		src := slices.Clone(b.src.v)
		k.Positive(bits, b.words, b.src.v, b.stride, b.rows, b.n)
		for r := range b.rows {
			for i := range b.n {
				x := float64(src[r*b.stride+i])
				if got := bitAt(bits[r*b.words:], i); got != (x > 0) {
					t.Fatalf("%v: bit %d of row %d is %v for %v", b, i, r, got, x)
				}
			}
		}
	})
}

func testMask(t *testing.T, k *Kernels) {
	for _, inPlace := range []bool{false, true} {
		rowsOfBits(t, normals(newRand(), true), func(b bitRows) {
			src, bits, dst := slices.Clone(b.src.v), slices.Clone(words(b.bits.v)), b.dst.v
			if inPlace {
				dst = b.src.v
			}
			k.Mask(dst, b.src.v, b.stride, words(b.bits.v), b.words, b.rows, b.n)
			for r := range b.rows {
				for i := range b.n {
					at, want := r*b.stride+i, float32(0)
					if bitAt(bits[r*b.words:], i) {
						want = src[at]
					}
					if !same(dst[at], want) {
						t.Fatalf("%v, in place %v: element %d of row %d is %v, want %v", b, inPlace, i, r, dst[at], want)
					}
				}
			}
			if !slices.Equal(bits, words(b.bits.v)) {
				t.Fatalf("%v: bits were written", b)
			}
		})
	}
}

// windowCase is a row of windows with guards in all gaps.
type windowCase struct {
	Windows
	full, pooled, right, low *guarded
}

// pixels are the offsets of a window's pixels in reading order; a pixel may be there more than once.
func (c windowCase) pixels(x int) [4]int {
	at := x * c.Step
	return [4]int{at, at + c.Right, at + c.Down, at + c.Right + c.Down}
}

// windowRows calls f with many layouts, some of them cut off, and checks the guards.
func windowRows(t *testing.T, fill func() float32, f func(c windowCase)) {
	t.Helper()
	r := newRand()
	run := func(windows, channels, gap, wordGap, offset int, cutRight, cutDown bool) {
		n := channels
		p := Windows{Windows: windows, Channels: n, Step: 2*n + 2*gap, Right: n + gap,
			Pixel: n + gap/2, Words: wordsOf(n) + wordGap}
		p.Down = windows*p.Step + 3*gap
		if cutRight {
			p.Right = 0
		}
		if cutDown {
			p.Down = 0
		}
		floats, bits := span(windows, p.Pixel, n), span(windows, p.Words, wordsOf(n))
		full := 0
		if floats > 0 {
			full = span(windows, p.Step, n) + p.Right + p.Down
		}
		c := windowCase{
			p, guard(full, offset), guard(floats, offset*3%17), guard(bits, offset*5%17), guard(bits, offset*7%17),
		}
		owned := make([]bool, full)
		for x := range windows {
			for _, at := range c.pixels(x) {
				for i := range n {
					owned[at+i] = true
				}
			}
		}
		c.full.owned = func(i int) bool { return owned[i] }
		c.pooled.owned = func(i int) bool { return i%p.Pixel < n }
		c.right.owned = func(i int) bool { return i%p.Words < wordsOf(n) }
		c.low.owned = c.right.owned
		c.full.fill(fill)
		for _, bits := range []*guarded{c.right, c.low} {
			bits.fill(func() float32 { return math.Float32frombits(r.Uint32()) })
		}
		f(c)
		for _, g := range []*guarded{c.full, c.pooled, c.right, c.low} {
			g.check(t, fmt.Sprintf("%+v", p))
		}
	}
	for _, n := range bitLengths() {
		for windows := range 4 {
			for cut := range 4 {
				run(windows, n, 0, 0, n%17, cut&1 != 0, cut&2 != 0)
				run(windows, n, 7, 1, (n+5)%17, cut&1 != 0, cut&2 != 0)
			}
		}
		for offset := range 17 {
			run(1, n, 0, 0, offset, false, false)
		}
	}
	run(2, vectorChunkForTest+37, 3, 1, 1, false, false) // more than one call to assembly takes
	run(1500, 67, 0, 0, 0, false, false)
}

// windowNumbers are often equal to one another, some of them NaN, zeros of both signs or infinite.
func windowNumbers() func() float32 {
	r := newRand()
	whole := integers(r, 2)
	return func() float32 {
		if r.IntN(16) == 0 {
			return specials[r.IntN(len(specials))]
		}
		return whole()
	}
}

// firstMaximum says which of a window is its maximum, in float64.
func firstMaximum(w [4]float32) (top float64, at int) {
	top = math.Inf(-1)
	for i, x := range w {
		if x != x {
			return math.NaN(), 0
		}
		if i == 0 || float64(x) > top {
			top, at = float64(x), i
		}
	}
	return top, at
}

func testMaxPoolArgMax(t *testing.T, k *Kernels) {
	windowRows(t, windowNumbers(), func(c windowCase) {
		src := slices.Clone(c.full.v)
		k.MaxPoolArgMax(c.pooled.v, words(c.right.v), words(c.low.v), c.full.v, c.Windows)
		for x := range c.Windows.Windows {
			for i := range c.Channels {
				var w [4]float32
				for j, at := range c.pixels(x) {
					w[j] = src[at+i]
				}
				top, pick := firstMaximum(w)
				if got := c.pooled.v[x*c.Pixel+i]; !same(got, float32(top)) {
					t.Fatalf("%+v: dst[%d,%d] = %v, want %v", c.Windows, x, i, got, top)
				}
				right, low := bitAt(words(c.right.v)[x*c.Words:], i), bitAt(words(c.low.v)[x*c.Words:], i)
				if right != (pick%2 == 1) || low != (pick/2 == 1) {
					t.Fatalf("%+v: window %d, channel %d: right %v, low %v, but pixel %d of %v is the first maximum",
						c.Windows, x, i, right, low, pick, w)
				}
			}
		}
	})
}

func testMaxUnpool(t *testing.T, k *Kernels) {
	for _, lower := range []bool{false, true} {
		windowRows(t, normals(newRand(), true), func(c windowCase) {
			c.pooled.fill(normals(newRand(), true))
			right, low := slices.Clone(words(c.right.v)), slices.Clone(words(c.low.v))
			c.Down = 0 // is not read
			want := slices.Clone(c.full.v)
			for x := range c.Windows.Windows {
				for i := range c.Channels {
					v := c.pooled.v[x*c.Pixel+i]
					column, here := bitAt(right[x*c.Words:], i), bitAt(low[x*c.Words:], i) == lower
					at := x*c.Step + i
					if c.Right > 0 {
						want[at+c.Right] = 0
					}
					want[at] = 0
					switch {
					case here && !column:
						want[at] = v
					case here && c.Right > 0:
						want[at+c.Right] = v
					}
				}
			}
			k.MaxUnpool(c.full.v, c.pooled.v, words(c.right.v), words(c.low.v), lower, c.Windows)
			for i := range want {
				if !same(c.full.v[i], want[i]) {
					t.Fatalf("%+v, lower %v: dst[%d] = %v, want %v", c.Windows, lower, i, c.full.v[i], want[i])
				}
			}
			if !slices.Equal(right, words(c.right.v)) || !slices.Equal(low, words(c.low.v)) {
				t.Fatalf("%+v: bits were written", c.Windows)
			}
		})
	}
}

func TestBitsThatMakeNoSensePanic(t *testing.T) {
	for _, k := range Available() {
		f, b := make([]float32, 200), make([]uint32, 12)
		p := Windows{Windows: 2, Channels: 33, Step: 66, Right: 33, Pixel: 33, Words: 2}
		spoil := func(change func(p *Windows)) Windows {
			p := p
			change(&p)
			return p
		}
		for name, f := range map[string]func(){
			"rows that overlap": func() { k.Positive(b, 2, f, 32, 2, 33) },
			"bits that overlap": func() { k.Mask(f, f, 33, b, 1, 2, 33) },
			"a negative stride": func() { k.Mask(f, f, -33, b, 2, 1, 33) },
			"negative rows":     func() { k.Positive(b, 2, f, 33, -1, 33) },
			"negative step":     func() { k.MaxUnpool(f, f, b, b, false, spoil(func(p *Windows) { p.Step = -66 })) },
			"negative down":     func() { k.MaxPoolArgMax(f, b, b, f, spoil(func(p *Windows) { p.Down = -1 })) },
			"pixels that overlap": func() {
				k.MaxPoolArgMax(f, b, b, f, spoil(func(p *Windows) { p.Pixel = 32 }))
			},
			"a pixel's bits that overlap": func() {
				k.MaxUnpool(f, f, b, b, false, spoil(func(p *Windows) { p.Words = 1 }))
			},
		} {
			if !panics(f) {
				t.Errorf("%s: %s: no panic", k.Name, name)
			}
		}
	}
}
