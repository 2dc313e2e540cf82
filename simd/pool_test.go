package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// poolCase is a row of windows with guards in all gaps.
type poolCase struct {
	Pool
	in, in2, out *guarded // of the layout of the input, twice, and of the output
}

// pools calls f with many layouts: the windows that networks use and some that none does, channels
// around the widths of vectors, gaps between pixels and rows.
func pools(t *testing.T, fill func() float32, f func(c poolCase)) {
	t.Helper()
	windows := []Pool{
		{WinH: 1, WinW: 1, Step: 1}, {WinH: 2, WinW: 2, Step: 2}, {WinH: 3, WinW: 3, Step: 2},
		{WinH: 3, WinW: 3, Step: 1}, {WinH: 2, WinW: 3, Step: 1}, {WinH: 5, WinW: 5, Step: 3},
		{WinH: 1, WinW: 2, Step: 4},
	}
	count := 0
	run := func(p Pool, out, channels, pixelGap, rowGap, dstGap int) {
		count++
		p.Out, p.Channels, p.Stride, p.DstStride = out, channels, channels+pixelGap, channels+dstGap
		width := max(0, out-1)*p.Step + p.WinW
		p.Row = width*p.Stride + rowGap
		inputs, outputs := 0, 0
		if out > 0 && channels > 0 {
			inputs, outputs = p.inputs(), p.outputs()
		}
		c := poolCase{p, guard(inputs, count%17), guard(inputs, count*3%17), guard(outputs, count*5%17)}
		c.in.owned = func(i int) bool { return i%p.Row < width*p.Stride && i%p.Row%p.Stride < channels }
		c.in2.owned = c.in.owned
		c.out.owned = func(i int) bool { return i%p.DstStride < channels }
		c.in.fill(fill)
		c.in2.fill(fill)
		c.out.fill(fill)
		f(c)
		for _, g := range []*guarded{c.in, c.in2, c.out} {
			g.check(t, fmt.Sprintf("%+v", p))
		}
	}
	counts := []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 63, 64, 65, 100, 129}
	for _, w := range windows {
		for _, channels := range counts {
			for out := range 4 {
				run(w, out, channels, 0, 0, 0)
				run(w, out, channels, 3, 7, 5)
			}
		}
	}
	run(windows[3], 300, 65, 0, 0, 0) // more than one call to assembly takes
}

// at returns the offsets of window x in reading order.
func (c poolCase) at(x, ch int) []int {
	var at []int
	for wy := range c.WinH {
		for wx := range c.WinW {
			at = append(at, wy*c.Row+(x*c.Step+wx)*c.Stride+ch)
		}
	}
	return at
}

// each calls f for every output.
func (c poolCase) each(f func(x, ch, out int)) {
	for x := range c.Out {
		for ch := range c.Channels {
			f(x, ch, x*c.DstStride+ch)
		}
	}
}

func testMaxPool(t *testing.T, k *Kernels) {
	for _, mixed := range []bool{false, true} {
		pools(t, normals(newRand(), mixed), func(c poolCase) {
			k.MaxPool(c.out.v, c.in.v, c.Pool)
			c.each(func(x, ch, out int) {
				want := math.Inf(-1)
				for _, i := range c.at(x, ch) {
					want = math.Max(want, float64(c.in.v[i]))
					if math.IsNaN(float64(c.in.v[i])) {
						want = math.NaN() // math.Max prefers +Inf to NaN
						break
					}
				}
				if !same(c.out.v[out], float32(want)) {
					t.Fatalf("%+v: dst[%d,%d] = %v, want %v", c.Pool, x, ch, c.out.v[out], want)
				}
			})
		})
	}
}

// Of integers from -2 to 2 a window has many equal maxima; adding integers is exact.
func testMaxPoolGrad(t *testing.T, k *Kernels) {
	r := newRand()
	whole := integers(r, 2)
	withNaN := func() float32 {
		if r.IntN(20) == 0 {
			return float32(math.NaN())
		}
		return whole()
	}
	for _, fill := range []func() float32{whole, withNaN} {
		pools(t, fill, func(c poolCase) {
			c.in.fill(whole) // dx
			c.out.fill(whole)
			want := slices.Clone(c.in.v)
			k.MaxPoolGrad(c.in.v, c.in2.v, c.out.v, c.Pool)
			c.each(func(x, ch, out int) {
				at := c.at(x, ch)
				best := at[0]
				for _, i := range at {
					if c.in2.v[i] > c.in2.v[best] {
						best = i
					}
				}
				for _, i := range at {
					if math.IsNaN(float64(c.in2.v[i])) {
						best = at[0]
					}
				}
				want[best] += c.out.v[out]
			})
			for i := range want {
				if !same(c.in.v[i], want[i]) {
					t.Fatalf("%+v: dx[%d] = %v, want %v", c.Pool, i, c.in.v[i], want[i])
				}
			}
		})
	}
}

// The sum of integers is exact, so that one rounding is left.
func testAvgPool(t *testing.T, k *Kernels) {
	const s = float32(1) / 9
	pools(t, integers(newRand(), 1000), func(c poolCase) {
		k.AvgPool(c.out.v, c.in.v, c.Pool, s)
		c.each(func(x, ch, out int) {
			sum := 0.0
			for _, i := range c.at(x, ch) {
				sum += float64(c.in.v[i])
			}
			if want := float32(float64(s) * sum); !same(c.out.v[out], want) {
				t.Fatalf("%+v: dst[%d,%d] = %v, want %v", c.Pool, x, ch, c.out.v[out], want)
			}
		})
	})
}

// With a power of two for s everything is exact.
func testAvgPoolGrad(t *testing.T, k *Kernels) {
	const s = 0.25
	pools(t, integers(newRand(), 1000), func(c poolCase) {
		want := slices.Clone(c.in.v)
		k.AvgPoolGrad(c.in.v, c.out.v, c.Pool, s)
		c.each(func(x, ch, out int) {
			for _, i := range c.at(x, ch) {
				want[i] += s * c.out.v[out]
			}
		})
		for i := range want {
			if !same(c.in.v[i], want[i]) {
				t.Fatalf("%+v: dx[%d] = %v, want %v", c.Pool, i, c.in.v[i], want[i])
			}
		}
	})
}

func TestPoolThatMakesNoSensePanics(t *testing.T) {
	good := Pool{Out: 2, Step: 2, WinH: 2, WinW: 2, Channels: 3, Stride: 3, Row: 12, DstStride: 3}
	for name, spoil := range map[string]func(p *Pool){
		"no window":        func(p *Pool) { p.WinW = 0 },
		"negative stride":  func(p *Pool) { p.Stride = -3 },
		"input too short":  func(p *Pool) { p.Row++ },
		"output too short": func(p *Pool) { p.DstStride++ },
	} {
		p := good
		spoil(&p)
		for _, k := range Available() {
			in, out := make([]float32, 24), make([]float32, 6)
			k.MaxPool(out, in, good)
			for call, f := range map[string]func(){
				"MaxPool":     func() { k.MaxPool(out, in, p) },
				"MaxPoolGrad": func() { k.MaxPoolGrad(in, in, out, p) },
				"AvgPool":     func() { k.AvgPool(out, in, p, 1) },
				"AvgPoolGrad": func() { k.AvgPoolGrad(in, out, p, 1) },
			} {
				if !panics(f) {
					t.Errorf("%s: %s of a pool with %s does not panic", k.Name, call, name)
				}
			}
		}
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return
}
