package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"oneiro/simd/gen/transform"
)

// winograd writes the transforms of Winograd convolution. Each is two passes of a one-dimensional
// transform. Two rows at a time go through both passes, so that what lies between stays in registers:
// reading the input again is cheaper than storing anything.
func (v isa) winograd() {
	for _, t := range transform.All {
		w := winograd{isa: v, Transform: t}
		w.in()
		w.out()
		w.filter()
	}
}

type winograd struct {
	isa
	transform.Transform
	stack Mem // where the second of two rows waits, if there are too few registers for both
}

// begin starts a function that transforms tiles of so many columns.
func (w *winograd) begin(name, signature, code string, columns int, numbers []float64) *constants {
	name = "winograd" + w.Name + name
	w.function(name, signature, code)
	if w.spills(columns) {
		w.stack = AllocLocal(columns * w.bytes())
	}
	return w.constants(name, numbers)
}

// spills reports whether two rows leave fewer than four registers to work with.
func (w *winograd) spills(columns int) bool { return !w.masks && 2*columns > 12 }

// constants are numbers in vectors: in registers if there are 32, in memory if not.
type constants struct {
	isa
	table    Mem
	numbers  []float64
	resident []reg.VecVirtual
}

// number returns where a constant is.
type number func(x float64) Op

func (v isa) constants(name string, numbers []float64) *constants {
	k := &constants{isa: v, numbers: numbers}
	copies := v.width
	if v.masks {
		copies = 1
	}
	k.table = GLOBL(name+strings.ToLower(v.suffix), RODATA|NOPTR)
	for i, x := range numbers {
		for j := range copies {
			DATA(4*(i*copies+j), U32(math.Float32bits(float32(x))))
		}
	}
	if v.masks {
		for i := range numbers {
			r := v.vec()
			VBROADCASTSS(k.table.Offset(4*i), r)
			k.resident = append(k.resident, r)
		}
	}
	return k
}

// op returns the last operand of an instruction, a register or memory, or nil for 1 if that is not one of
// the constants.
func (k *constants) op(x float64) Op {
	i := slices.Index(k.numbers, x)
	switch {
	case i < 0 && x == 1:
		return nil
	case i < 0:
		panic(fmt.Sprintf("no constant %v", x))
	}
	if k.masks {
		return k.resident[i]
	}
	return k.table.Offset(k.bytes() * i)
}

// held loads the magnitudes of coefficients into registers if there are few of those. It pays from two uses
// on, because loads limit AVX2.
func (k *constants) held(coefficients ...float64) number {
	if k.masks {
		return k.op
	}
	registers := map[float64]Op{}
	for _, x := range coefficients {
		if x = math.Abs(x); registers[x] == nil && k.op(x) != nil {
			r := k.vec()
			VMOVUPS(k.op(x), r)
			registers[x] = r
		}
	}
	return func(x float64) Op {
		if r := registers[x]; r != nil {
			return r
		}
		return k.op(x)
	}
}

// add adds x·d to sum, with adders that multiply nothing if x is ±1 and that is no constant. d is a
// register unless the constant is in one.
func (at number) add(x float64, d Op, sum reg.VecVirtual) {
	n := at(math.Abs(x))
	switch {
	case n == nil && x < 0:
		VSUBPS(d, sum, sum)
	case n == nil:
		VADDPS(d, sum, sum)
	case x < 0:
		VFNMADD231PS(d, n, sum)
	case IsMem(n):
		VFMADD231PS(n, d, sum)
	default:
		VFMADD231PS(d, n, sum)
	}
}

// times multiplies r by x.
func (k *constants) times(x float64, r reg.VecVirtual) {
	if x != 1 {
		VMULPS(k.op(x), r, r)
	}
}

// opposite returns even + x·odd, and even - x·odd in even's register: the values of a polynomial at
// two points opposite to each other. odd is lost. Two sums can go to adders that multiply nothing,
// unlike a second FMA.
func (k *constants) opposite(even, odd reg.VecVirtual, x float64) (plus, minus reg.VecVirtual) {
	plus = k.vec()
	k.times(x, odd)
	VADDPS(odd, even, plus)
	VSUBPS(odd, even, even)
	return plus, even
}

// elements are what a one-dimensional transform reads: take returns a new register that holds an
// element, op what an instruction can read in its place.
type elements struct {
	take func(i int) reg.VecVirtual
	op   func(i int) Op
}

// column is elements in memory.
func (l lanes) column(at func(i int) Mem) elements {
	take := func(i int) reg.VecVirtual { return l.load(at(i)) }
	if l.mask == nil {
		return elements{take, func(i int) Op { return at(i) }}
	}
	return elements{take, func(i int) Op { return take(i) }}
}

// row is elements in registers.
func (v isa) row(r []reg.VecVirtual) elements {
	return elements{func(i int) reg.VecVirtual { return v.copyOf(r[i]) }, func(i int) Op { return r[i] }}
}

// twice transforms the columns of a tile, to two rows at a time, and then those rows: first returns a
// function that computes the pair i of rows for a column, and second continues with one of them.
func (w winograd) twice(pairs [][2]int, columns int, column func(x int) elements,
	first func(i int) func(d elements) (a, b reg.VecVirtual), second func(row int, r elements)) {
	for i, pair := range pairs {
		var rows [2][]reg.VecVirtual
		transform := first(i)
		for x := range columns {
			a, b := transform(column(x))
			if w.spills(columns) {
				VMOVUPS(b, w.stack.Offset(x*w.bytes()))
			}
			rows[0], rows[1] = append(rows[0], a), append(rows[1], b)
		}
		second(pair[0], w.row(rows[0]))
		for x := range columns {
			if w.spills(columns) {
				rows[1][x] = w.vec()
				VMOVUPS(w.stack.Offset(x*w.bytes()), rows[1][x])
			}
		}
		second(pair[1], w.row(rows[1]))
	}
}

// perChannel writes the loops over tiles and over vectors of their channels. body does the vector
// that the pointers are at, next moves on from the end of a tile's channels to the next tile.
func (v isa) perChannel(pointers []reg.GPVirtual, body func(name string, l lanes), next func()) {
	n := GP64()
	Label("tile")
	MOVQ(address("channels"), n)
	v.strip(n, pointers, body)
	next()
	DECQ(address("tiles"))
	JNZ(LabelRef("tile"))
	ret()
}

// strip runs body for n floats, one vector at a time, the last one masked, and moves the pointers.
func (v isa) strip(n reg.GPVirtual, pointers []reg.GPVirtual, body func(name string, l lanes)) {
	Label("vector")
	CMPQ(n, I32(int32(v.width)))
	JB(LabelRef("tail"))
	body("vector", lanes{v, nil})
	for _, p := range pointers {
		ADDQ(I32(int32(v.bytes())), p)
	}
	SUBQ(I32(int32(v.width)), n)
	JMP(LabelRef("vector"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	body("tail", v.first(n, v.width))
	for _, p := range pointers {
		LEAQ(Mem{Base: p, Index: n, Scale: floatBytes}, p)
	}
	Label("done")
}

// startAt starts n times stride after a.
func (p *rowPointers) startAt(a reg.GPVirtual, n int, stride Op) {
	if n == 0 {
		p.start(a)
		return
	}
	t := GP64()
	MOVQ(stride, t)
	IMUL3Q(I32(int32(n)), t, t)
	ADDQ(a, t)
	p.start(t)
}

// in writes two kernels that compute the same. Pixels of many channels, often a power of two, evict each
// other from the first cache, so that reading them again is no longer cheap: InWide reads them once, and does
// both passes in dst.
func (w *winograd) in() {
	w.inputKernel("In", w.Side(), func(l lanes, k *constants, dst, src, pixel reg.GPVirtual) {
		w.byPairs(l, k, dst, src, pixel, w.Side(), w.input)
	})
	w.inputKernel("InWide", 0, w.inPlace)
}

func (w *winograd) inputKernel(name string, columns int,
	body func(l lanes, k *constants, dst, src, pixel reg.GPVirtual)) {
	k := w.begin(name, transform.InSignature, w.InCode(), columns, w.InNumbers())
	dst, src, pixel := loadInt("dst"), loadInt("src"), loadStride("channels")
	w.perChannel([]reg.GPVirtual{dst, src}, func(_ string, l lanes) {
		body(l, k, dst, src, pixel)
	}, func() {
		t := GP64()
		IMUL3Q(I32(int32(w.Tile()-1)), pixel, t) // channels have moved it by one pixel
		ADDQ(t, src)
	})
}

// byPairs transforms size x size pixels to points.
func (w *winograd) byPairs(l lanes, k *constants, dst, src, pixel reg.GPVirtual, size int,
	transform func(k *constants, i int) func(d elements) (a, b reg.VecVirtual)) {
	from, to := newRowPointers(size, loadInt("row")), newRowPointers(w.Side(), loadInt("point"))
	w.twice(w.Pairs(), size, func(x int) elements {
		if x == 0 {
			from.start(src)
		} else {
			from.advance(pixel)
		}
		return l.column(from.at)
	}, func(i int) func(d elements) (a, b reg.VecVirtual) {
		return transform(k, i)
	}, w.store(l, to, dst, k, transform))
}

func (w *winograd) inPlace(l lanes, k *constants, dst, src, pixel reg.GPVirtual) {
	step := loadInt("point")
	IMUL3Q(I32(int32(w.Side())), step, step)
	from, to := newRowPointers(w.Side(), loadInt("row")), newRowPointers(w.Side(), step)
	from.start(src)
	to.start(dst)
	for x := range w.Side() {
		w.inputs(l, k, from.at, to.at)
		if x < w.Side()-1 {
			from.advance(pixel)
			to.advance(address("point"))
		}
	}
	points := newRowPointers(w.Side(), loadInt("point"))
	for y := range w.Side() {
		points.startAt(dst, w.Side()*y, points.s)
		w.inputs(l, k, points.at, points.at)
	}
}

// inputs loads d and stores Bᵀ·d.
func (w winograd) inputs(l lanes, k *constants, from, to func(i int) Mem) {
	var d []reg.VecVirtual
	for i := range w.Side() {
		d = append(d, l.load(from(i)))
	}
	for i, pair := range w.Pairs() {
		a, b := w.input(k, i)(w.row(d))
		l.store(a, to(pair[0]))
		l.store(b, to(pair[1]))
	}
}

// store returns the second pass of in, filter and gradIn: it stores a row of points.
func (w winograd) store(l lanes, out *rowPointers, dst reg.GPVirtual, k *constants,
	transform func(k *constants, i int) func(d elements) (a, b reg.VecVirtual)) func(row int, r elements) {
	return func(row int, r elements) {
		out.startAt(dst, w.Side()*row, out.s)
		for _, i := range append([]int{w.Ends()}, indices(w.Ends())...) {
			a, b := transform(k, i)(r)
			at := w.Pair(i)
			l.store(a, out.at(at[0]))
			l.store(b, out.at(at[1]))
		}
	}
}

// input returns a function that computes the pair i of rows of Bᵀ·d.
func (w winograd) input(k *constants, i int) func(d elements) (a, b reg.VecVirtual) {
	factors := w.Factors(i)
	at := k.held(factors...)
	sum := func(d elements, first int) reg.VecVirtual {
		r := d.take(first + 2*len(factors))
		for e, x := range factors {
			at.add(x, d.op(first+2*e), r)
		}
		return r
	}
	if i == w.Ends() {
		return func(d elements) (a, b reg.VecVirtual) { return sum(d, 0), sum(d, 1) }
	}
	return func(d elements) (a, b reg.VecVirtual) { return k.opposite(sum(d, 2), sum(d, 1), w.Points[i]) }
}

func (w winograd) out() {
	numbers := w.OutNumbers()
	if w.masks {
		numbers = append(numbers, 1) // for sums: what only adds has more to do than what multiplies too
	}
	k := w.begin("Out", transform.OutSignature, w.OutCode(), w.Side(), numbers)
	dst, src, bias, step := loadInt("dst"), loadInt("src"), GP64(), loadInt("point")
	IMUL3Q(I32(int32(w.Side())), step, step)
	in, out := newRowPointers(w.Side(), step), newRowPointers(w.Tile(), loadInt("pixel"))
	var resident reg.VecVirtual
	if w.masks {
		resident = w.broadcast("floor")
	}
	MOVQ(address("bias"), bias)
	w.perChannel([]reg.GPVirtual{dst, src, bias}, func(name string, l lanes) {
		w.twice(w.OutPairs(), w.Side(), func(x int) elements {
			if x == 0 {
				in.start(src)
			} else {
				in.advance(address("point"))
			}
			return l.column(in.at)
		}, func(i int) func(m elements) (a, b reg.VecVirtual) {
			pair := w.OutPairs()[i]
			at := k.op
			if l.mask == nil { // which leaves registers
				at = k.held(w.powers(pair[:])...)
			}
			return func(m elements) (a, b reg.VecVirtual) {
				r := w.output(k, at, m, pair[:])
				return r[0], r[1]
			}
		}, func(row int, r elements) {
			y := w.output(k, k.op, r, indices(w.Tile()))
			label := fmt.Sprintf("%s_biased%d", name, row)
			CMPQ(address("bias"), I8(0))
			JE(LabelRef(label))
			b := l.load(Mem{Base: bias})
			for x := range y {
				number(k.op).add(1, b, y[x])
			}
			Label(label)
			floor := resident
			if floor == nil {
				floor = w.broadcast("floor")
			}
			out.startAt(dst, row, address("row"))
			for x := range y {
				VMAXPS(y[x], floor, y[x]) // returns the second source, here y, if either is NaN
				l.store(y[x], out.at(x))
			}
		})
	}, func() {
		t := GP64()
		IMUL3Q(I32(int32(w.Tile())), out.s, t)
		SUBQ(loadStride("channels"), t) // they have moved it
		ADDQ(t, dst)
		MOVQ(address("bias"), bias)
	})
}

// powers are the numbers by which rows of Aᵀ·m count the sums of products at opposite points, or the
// differences times the point.
func (w winograd) powers(rows []int) (powers []float64) {
	for _, y := range rows {
		for i := range w.Points {
			powers = append(powers, w.Power(i, y&^1))
		}
	}
	return powers
}

// output returns rows of Aᵀ·m.
func (w winograd) output(k *constants, at number, m elements, rows []int) []reg.VecVirtual {
	sums := make([]reg.VecVirtual, len(rows))
	evens, odds := false, false
	for j, y := range rows {
		switch y {
		case 0:
			sums[j] = m.take(0)
		case w.Tile() - 1:
			sums[j] = m.take(w.Side() - 1)
		}
		evens, odds = evens || y%2 == 0, odds || y%2 == 1
	}
	for i, p := range w.Points {
		even, minus := m.take(2*i+1), m.op(2*i+2)
		odd := even
		if evens && odds {
			odd = w.vec()
		}
		if odds {
			VSUBPS(minus, even, odd)
			k.times(p, odd)
		}
		if evens {
			VADDPS(minus, even, even)
		}
		for j, y := range rows {
			part, x := even, w.Power(i, y&^1)
			if y%2 == 1 {
				part = odd
			}
			switch {
			case sums[j] != nil && y < 2:
				VADDPS(part, sums[j], sums[j])
			case sums[j] != nil:
				at.add(x, part, sums[j])
			default:
				sums[j] = w.vec()
				if y < 2 {
					VMOVAPS(part, sums[j])
				} else {
					VMULPS(at(x), part, sums[j])
				}
			}
		}
	}
	return sums
}

func (w winograd) filter() {
	k := w.begin("Filter", transform.FilterSignature, transform.FilterCode, 3, w.FilterNumbers())
	dst, g, n := loadInt("dst"), loadInt("weights"), GP64()
	out, in := newRowPointers(w.Side(), loadInt("point")), newRowPointers(9, loadInt("stride"))
	Label("row")
	w.fetchRow(in, g)
	MOVQ(address("n"), n)
	w.strip(n, []reg.GPVirtual{dst, g}, func(_ string, l lanes) {
		w.twice(w.Pairs(), 3, func(x int) elements {
			if x == 0 {
				in.start(g)
			}
			return l.column(func(y int) Mem { return in.at(3*y + x) })
		}, func(i int) func(g elements) (a, b reg.VecVirtual) {
			return w.weights(k, i)
		}, w.store(l, out, dst, k, w.weights))
	})
	passed := loadStride("n")
	SUBQ(passed, dst)
	SUBQ(passed, g)
	ADDQ(address("to"), dst)
	ADDQ(address("row"), g)
	DECQ(address("rows"))
	JNZ(LabelRef("row"))
	ret()
}

// fetchAhead is how many rows of filters ahead are fetched. The rows of a filter lie too far apart for the
// processor to do that by itself, and a memory access takes as long as several rows.
const fetchAhead = 8

// fetchRow fetches two lines of each of the nine weights of a row further on.
func (w winograd) fetchRow(in *rowPointers, g reg.GPVirtual) {
	ahead := loadInt("row")
	IMUL3Q(I32(fetchAhead), ahead, ahead)
	ADDQ(g, ahead)
	in.start(ahead)
	for i := range 9 {
		m := in.at(i)
		PREFETCHT0(m)
		m.Disp += 64
		PREFETCHT0(m)
	}
}

// weights returns a function that computes the pair i of rows of G·g.
func (w winograd) weights(k *constants, i int) func(g elements) (a, b reg.VecVirtual) {
	if i == w.Ends() {
		return func(g elements) (a, b reg.VecVirtual) {
			a = g.take(0)
			k.times(w.Inverse(), a)
			return a, g.take(2)
		}
	}
	square := w.Power(i, 2)
	at := k.held(square)
	return func(g elements) (a, b reg.VecVirtual) {
		even, odd := g.take(0), g.take(1)
		at.add(square, g.op(2), even)
		k.times(w.Norm(i), even)
		k.times(w.OddNorm(i), odd)
		return k.opposite(even, odd, 1)
	}
}

// indices are 0 to n-1.
func indices(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	return all
}
