package main

import (
	"fmt"
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"oneiro/simd/gen/f43"
)

// winograd writes the transforms of Winograd convolution F(4x4, 3x3). Each is two passes of a
// one-dimensional transform; two rows at a time go through both of them, so that what lies between
// stays in twelve registers. To read the input again is cheaper than to store anything.
func (v isa) winograd() {
	v.winogradIn()
	v.winogradOut()
	v.winogradFilter()
}

// constants are numbers of package f43 in vectors: in registers if there are 32, in memory if not.
type constants struct {
	isa
	table    Mem
	numbers  []float64
	resident []reg.VecVirtual
}

func (v isa) constants(name string, numbers ...float64) *constants {
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

func (k *constants) index(x float64) int {
	for i, y := range k.numbers {
		if x == y {
			return i
		}
	}
	panic(fmt.Sprintf("no constant %v", x))
}

// op returns the last operand of an instruction, a register or memory.
func (k *constants) op(x float64) Op {
	if k.masks {
		return k.resident[k.index(x)]
	}
	return k.table.Offset(k.bytes() * k.index(x))
}

// reg returns a register, which is a new one if registers are few. It pays from two uses on: loads
// limit AVX2.
func (k *constants) reg(x float64) reg.VecVirtual {
	if k.masks {
		return k.resident[k.index(x)]
	}
	r := k.vec()
	VMOVUPS(k.op(x), r)
	return r
}

// operand returns what an instruction can read in place of a register.
func (l lanes) operand(m Mem) Op {
	if l.mask == nil {
		return m
	}
	return l.load(m)
}

func (v isa) copyOf(r reg.VecVirtual) reg.VecVirtual {
	c := v.vec()
	VMOVAPS(r, c)
	return c
}

// opposite returns even + x·odd, and even - x·odd in even's register: the values of a polynomial at
// two points opposite to each other. odd is lost. Two sums can go to adders that multiply nothing,
// unlike a second FMA.
func (v isa) opposite(even, odd reg.VecVirtual, x Op) (plus, minus reg.VecVirtual) {
	plus = v.vec()
	VMULPS(x, odd, odd)
	VADDPS(odd, even, plus)
	VSUBPS(odd, even, even)
	return plus, even
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

// points addresses the 36 points of a vector of transformed tiles.
type points struct {
	*rowPointers
	start reg.GPVirtual
}

// row moves to the points 6*i to 6*i+5.
func (p points) row(i int) {
	base, index := p.bases[0], p.s3
	if i == 5 {
		index = p.s5
	}
	switch i {
	case 0:
		MOVQ(p.start, base)
	case 1, 2, 4:
		LEAQ(Mem{Base: p.start, Index: index, Scale: uint8(2 * i)}, base)
	case 3, 5: // 18 = 6*3, 30 = 6*5
		LEAQ(Mem{Base: p.start, Index: index, Scale: 4}, base)
		LEAQ(Mem{Base: base, Index: index, Scale: 2}, base)
	}
}

func (v isa) winogradIn() {
	v.function("winogradIn", "(dst, src *float32, point, row, channels, tiles int)", `for t := range tiles {
	for ch := range channels {
		// d is the tile at src + 16*t*channels + 4*ch, its rows row bytes apart, its pixels 4*channels
		for p, x := range Bᵀ·d·B {
			dst[p*point + 4*(t*channels+ch)] = x
		}
	}
}`)
	k := v.constants("winogradIn", f43.A, f43.B, f43.A2, f43.B2, f43.Sum, f43.Product)
	dst, src, pixel := loadInt("dst"), loadInt("src"), loadStride("channels")
	out := points{newRowPointers(6, loadInt("point")), dst}
	column := newRowPointers(6, loadInt("row"))
	v.perChannel([]reg.GPVirtual{dst, src}, func(_ string, l lanes) {
		for _, pair := range [][2]int{{1, 2}, {3, 4}, {0, 5}} {
			rows := [2][6]reg.VecVirtual{}
			transform := k.inputColumn(pair, l, column)
			column.start(src)
			for x := range 6 {
				rows[0][x], rows[1][x] = transform()
				if x < 5 {
					ADDQ(pixel, column.bases[0])
				}
			}
			for i, row := range rows {
				out.row(pair[i])
				k.inputRow(row, func(j int, r reg.VecVirtual) { l.store(r, out.at(j)) })
			}
		}
	}, func() {
		LEAQ(Mem{Base: src, Index: pixel, Scale: 2}, src) // channels have moved it by one pixel
		ADDQ(pixel, src)
	})
}

// inputColumn returns a function that computes a pair of rows of Bᵀ·d for the column d.
func (k *constants) inputColumn(pair [2]int, l lanes, d *rowPointers) func() (a, b reg.VecVirtual) {
	if pair[0] == 0 {
		product, sum := k.reg(f43.Product), k.reg(f43.Sum)
		one := func(i int) reg.VecVirtual {
			r := l.load(d.at(i))
			VFMADD213PS(l.operand(d.at(i+4)), product, r)
			VFNMADD231PS(l.operand(d.at(i+2)), sum, r)
			return r
		}
		return func() (a, b reg.VecVirtual) { return one(0), one(1) }
	}
	point, other := k.reg(f43.A), k.reg(f43.B2)
	if pair[0] == 3 {
		point, other = k.reg(f43.B), k.reg(f43.A2)
	}
	one := func(i int) reg.VecVirtual {
		r := l.load(d.at(i))
		VFNMADD231PS(l.operand(d.at(i-2)), other, r)
		return r
	}
	return func() (a, b reg.VecVirtual) { return k.opposite(one(4), one(3), point) }
}

// inputRow computes Bᵀ·r.
func (k *constants) inputRow(r [6]reg.VecVirtual, store func(j int, r reg.VecVirtual)) {
	product, sum := k.reg(f43.Product), k.reg(f43.Sum)
	VFMADD132PS(product, r[4], r[0])
	VFNMADD231PS(sum, r[2], r[0])
	store(0, r[0])
	VFMADD231PS(product, r[1], r[5])
	VFNMADD231PS(sum, r[3], r[5])
	store(5, r[5])
	a2, b2 := k.reg(f43.A2), k.reg(f43.B2)
	even, odd := k.copyOf(r[4]), k.copyOf(r[3])
	VFNMADD231PS(b2, r[2], even)
	VFNMADD231PS(b2, r[1], odd)
	VFNMADD231PS(a2, r[2], r[4])
	VFNMADD231PS(a2, r[1], r[3])
	plus, minus := k.opposite(even, odd, k.op(f43.A))
	store(1, plus)
	store(2, minus)
	plus, minus = k.opposite(r[4], r[3], k.op(f43.B))
	store(3, plus)
	store(4, minus)
}

func (v isa) winogradOut() {
	v.function("winogradOut", "(dst, src, bias *float32, row, pixel, point, channels, tiles int, floor float32)",
		`for t := range tiles {
	for ch := range channels {
		// m[i][j] is src[(6*i+j)*point + 4*(t*channels+ch)], bias[ch] is 0 if bias is nil
		for y, row := range Aᵀ·m·A {
			for x, z := range row {
				dst[y*row + (4*t+x)*pixel + 4*ch] = max(z + bias[ch], floor) // NaN if z is
			}
		}
	}
}`)
	k := v.constants("winogradOut", f43.A, f43.B, f43.A2, f43.B2, f43.A3, f43.B3)
	dst, src, bias, pixel := loadInt("dst"), loadInt("src"), GP64(), loadInt("pixel")
	six := loadInt("point")
	LEAQ(Mem{Base: six, Index: six, Scale: 2}, six)
	ADDQ(six, six)
	column := newRowPointers(6, six)
	pixel3, line := GP64(), GP64()
	LEAQ(Mem{Base: pixel, Index: pixel, Scale: 2}, pixel3)
	out := []Mem{{Base: line}, {Base: line, Index: pixel, Scale: 1}, {Base: line, Index: pixel, Scale: 2},
		{Base: line, Index: pixel3, Scale: 1}}
	var resident reg.VecVirtual
	if v.masks {
		resident = v.broadcast("floor")
	}
	MOVQ(address("bias"), bias)
	v.perChannel([]reg.GPVirtual{dst, src, bias}, func(name string, l lanes) {
		for first := range 2 { // rows first and first+2
			rows := [2][6]reg.VecVirtual{}
			column.start(src)
			transform := k.outputColumn(first, l, column)
			for x := range 6 {
				rows[0][x], rows[1][x] = transform()
				if x < 5 {
					ADDQ(address("point"), column.bases[0])
				}
			}
			MOVQ(dst, line)
			if first == 1 {
				ADDQ(address("row"), line)
			}
			for i, row := range rows {
				y := k.outputRow(row)
				label := fmt.Sprintf("%s_biased%d", name, first+2*i)
				CMPQ(address("bias"), I8(0))
				JE(LabelRef(label))
				b := l.load(Mem{Base: bias})
				for x := range y {
					VADDPS(b, y[x], y[x])
				}
				Label(label)
				floor := resident
				if floor == nil {
					floor = v.broadcast("floor")
				}
				for x := range y {
					VMAXPS(y[x], floor, y[x]) // returns the second source, here y, if either is NaN
					l.store(y[x], out[x])
				}
				if i == 0 {
					ADDQ(address("row"), line)
					ADDQ(address("row"), line)
				}
			}
		}
	}, func() {
		channels := loadStride("channels")
		SUBQ(channels, dst)
		LEAQ(Mem{Base: dst, Index: pixel, Scale: 4}, dst)
		MOVQ(address("bias"), bias)
	})
}

// outputColumn returns a function that computes rows first and first+2 of Aᵀ·m for the column m.
func (k *constants) outputColumn(first int, l lanes, m *rowPointers) func() (low, high reg.VecVirtual) {
	repeated := k.op
	if l.mask == nil { // which leaves registers for some of the constants
		repeated = func(x float64) Op { return k.reg(x) }
	}
	if first == 0 {
		a2, b2 := repeated(f43.A2), repeated(f43.B2)
		return func() (low, high reg.VecVirtual) {
			a, b := l.load(m.at(1)), l.load(m.at(3))
			VADDPS(l.operand(m.at(2)), a, a)
			VADDPS(l.operand(m.at(4)), b, b)
			low = k.vec()
			VADDPS(l.operand(m.at(0)), a, low)
			VADDPS(b, low, low)
			VMULPS(a2, a, a)
			VFMADD231PS(b2, b, a)
			return low, a
		}
	}
	a3, b3 := repeated(f43.A3), repeated(f43.B3)
	return func() (low, high reg.VecVirtual) {
		a, b := l.load(m.at(1)), l.load(m.at(3))
		VSUBPS(l.operand(m.at(2)), a, a)
		VSUBPS(l.operand(m.at(4)), b, b)
		high = l.load(m.at(5))
		VFMADD231PS(a3, a, high)
		VFMADD231PS(b3, b, high)
		VMULPS(k.op(f43.A), a, a)
		VFMADD231PS(k.op(f43.B), b, a)
		return a, high
	}
}

// outputRow returns Aᵀ·r.
func (k *constants) outputRow(r [6]reg.VecVirtual) [4]reg.VecVirtual {
	evenA, evenB := k.vec(), k.vec()
	VADDPS(r[2], r[1], evenA)
	VSUBPS(r[2], r[1], r[1])
	VADDPS(r[4], r[3], evenB)
	VSUBPS(r[4], r[3], r[3])
	VADDPS(evenA, r[0], r[0])
	VADDPS(evenB, r[0], r[0])
	VFMADD231PS(k.op(f43.A3), r[1], r[5])
	VFMADD231PS(k.op(f43.B3), r[3], r[5])
	VMULPS(k.op(f43.A), r[1], r[1])
	VFMADD231PS(k.op(f43.B), r[3], r[1])
	VMULPS(k.op(f43.A2), evenA, evenA)
	VFMADD231PS(k.op(f43.B2), evenB, evenA)
	return [4]reg.VecVirtual{r[0], r[1], evenA, r[5]}
}

func (v isa) winogradFilter() {
	v.function("winogradFilter", "(dst, weights *float32, point, stride, n int)", `for f := range n {
	// g[y][x] is weights[(3*y+x)*stride + 4*f]
	for p, x := range G·g·Gᵀ {
		dst[p*point + 4*f] = x
	}
}`)
	k := v.constants("winogradFilter", f43.A2, f43.B2, f43.NormA, f43.NormB, f43.OddA, f43.OddB, f43.Inverse)
	dst, g, n := loadInt("dst"), loadInt("weights"), loadInt("n")
	out := points{newRowPointers(6, loadInt("point")), dst}
	in := newRowPointers(9, loadInt("stride"))
	v.strip(n, []reg.GPVirtual{dst, g}, func(_ string, l lanes) {
		in.start(g)
		column := func(x int) [3]reg.VecVirtual {
			return [3]reg.VecVirtual{l.load(in.at(x)), l.load(in.at(3 + x)), l.load(in.at(6 + x))}
		}
		for _, i := range []int{0, 1, 3, 5} {
			var rows [2][3]reg.VecVirtual
			for x := range 3 {
				switch i {
				case 0:
					rows[0][x] = l.load(in.at(x))
					VMULPS(k.op(f43.Inverse), rows[0][x], rows[0][x])
				case 1:
					rows[0][x], rows[1][x] = k.weights(column(x), f43.A2, f43.NormA, f43.OddA)
				case 3:
					rows[0][x], rows[1][x] = k.weights(column(x), f43.B2, f43.NormB, f43.OddB)
				case 5:
					rows[0][x] = l.load(in.at(6 + x))
				}
			}
			for next, row := range rows {
				if row[0] == nil {
					continue
				}
				out.row(i + next)
				l.store(row[2], out.at(5))
				plus, minus := k.weights(row, f43.A2, f43.NormA, f43.OddA)
				l.store(plus, out.at(1))
				l.store(minus, out.at(2))
				plus, minus = k.weights(row, f43.B2, f43.NormB, f43.OddB)
				l.store(plus, out.at(3))
				l.store(minus, out.at(4))
				VMULPS(k.op(f43.Inverse), row[0], row[0])
				l.store(row[0], out.at(0))
			}
		}
	})
	ret()
}

// weights returns the rows of G·g for a point and its opposite.
func (k *constants) weights(g [3]reg.VecVirtual, square, norm, oddNorm float64) (plus, minus reg.VecVirtual) {
	even, odd := k.copyOf(g[0]), k.vec()
	VFMADD231PS(k.op(square), g[2], even)
	VMULPS(k.op(norm), even, even)
	VMULPS(k.op(oddNorm), g[1], odd)
	plus = k.vec()
	VADDPS(odd, even, plus)
	VSUBPS(odd, even, even)
	return plus, even
}
