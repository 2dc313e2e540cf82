package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const poolStrides = "out, winH, winW, channels, step, pixel, row, dstPixel int"

const poolLoops = `for x := range out {
	for ch := range channels {
		// w is src at the window's pixels, in reading order: src + x*step + wy*row + wx*pixel + 4*ch
`

func poolDoc(body string) string {
	return poolLoops + body + "\n\t}\n}"
}

// pools writes the kernels that walk over windows.
func (v isa) pools() {
	v.function("maxPool", "(dst, src *float32, "+poolStrides+")",
		poolDoc("\t\tdst[x*dstPixel+4*ch] = max(w...) // NaN if any is"))
	v.pool("src", "dst", 4, func(p *poolBlock) {
		top := make([]reg.VecVirtual, p.vectors)
		for u := range top {
			top[u] = p.load(p.at(p.in, u))
		}
		p.window("window", func(pixel reg.GPVirtual) {
			for u := range top {
				v.maxNaN(top[u], p.load(p.at(pixel, u)))
			}
		})
		for u := range top {
			p.store(top[u], p.at(p.out, u))
		}
	})

	v.function("maxPoolGrad", "(dx, src, dy *float32, "+poolStrides+")",
		poolDoc("\t\tfirst w with !(w < max(w...)), in dx += dy[x*dstPixel+4*ch]"))
	v.maxPoolGrad()

	v.function("avgPool", "(dst, src *float32, "+poolStrides+", s float32)",
		poolDoc("\t\tdst[x*dstPixel+4*ch] = s * sum(w...)"))
	v.pool("src", "dst", 4, func(p *poolBlock) {
		sum := v.vecs(p.vectors)
		for u := range sum {
			v.zero(sum[u])
		}
		p.window("window", func(pixel reg.GPVirtual) {
			for u := range sum {
				VADDPS(p.load(p.at(pixel, u)), sum[u], sum[u])
			}
		})
		s := v.broadcast("s")
		for u := range sum {
			VMULPS(s, sum[u], sum[u])
			p.store(sum[u], p.at(p.out, u))
		}
	})

	v.function("avgPoolGrad", "(dx, dy *float32, "+poolStrides+", s float32)",
		poolDoc("\t\tevery w, in dx += s * dy[x*dstPixel+4*ch]"))
	v.pool("dx", "dy", 4, func(p *poolBlock) {
		s := v.broadcast("s")
		add := make([]reg.VecVirtual, p.vectors)
		for u := range add {
			add[u] = p.load(p.at(p.out, u))
			VMULPS(s, add[u], add[u])
		}
		p.window("window", func(pixel reg.GPVirtual) {
			for u := range add {
				old := p.load(p.at(pixel, u))
				VADDPS(add[u], old, old)
				p.store(old, p.at(pixel, u))
			}
		})
	})
}

// maxNaN sets top = max(top, x), NaN if either is. VMAXPS returns its second source if either is NaN,
// so of the two orders at least one is NaN then, and NaN or-ed with anything is NaN; without NaN the
// two are the same, or zeros.
func (v isa) maxNaN(top, x reg.VecVirtual) {
	other := v.vec()
	VMAXPS(x, top, other)
	VMAXPS(top, x, top)
	if v.masks {
		VPORD(other, top, top)
	} else {
		VORPS(other, top, top)
	}
}

// maxPoolGrad walks over every window twice: for its maximum, then for the first element that is not
// below it.
func (v isa) maxPoolGrad() {
	toDX := GP64()
	Load(Param("dx"), toDX)
	SUBQ(address("src"), toDX)
	v.pool("src", "dy", 2, func(p *poolBlock) {
		top, dy := make([]reg.VecVirtual, p.vectors), make([]reg.VecVirtual, p.vectors)
		todo := make([]reg.Register, p.vectors)
		for u := range top {
			top[u] = p.load(p.at(p.in, u))
		}
		p.window("maximum", func(pixel reg.GPVirtual) {
			for u := range top {
				v.maxNaN(top[u], p.load(p.at(pixel, u)))
			}
		})
		for u := range top {
			dy[u] = p.load(p.at(p.out, u))
			todo[u] = v.all()
		}
		p.window("hit", func(pixel reg.GPVirtual) {
			for u := range top {
				at := p.at(pixel, u)
				x := p.load(at)
				at.Index, at.Scale = toDX, 1
				old := p.load(at)
				if v.masks {
					hit := K()
					VCMPPS(notLessThan, top[u], x, todo[u], hit)
					KANDNW(todo[u], hit, todo[u])
					VADDPS(dy[u], old, hit, old)
				} else {
					VCMPPS(notLessThan, top[u], x, x)
					VANDPS(todo[u], x, x)
					VANDNPS(todo[u], x, todo[u])
					VANDPS(dy[u], x, x)
					VADDPS(x, old, old)
				}
				p.store(old, at)
			}
		})
	})
}

// all returns a mask of ones.
func (v isa) all() reg.Register {
	if v.masks {
		k := K()
		KXNORW(k, k, k)
		return k
	}
	r := YMM()
	VPCMPEQD(r, r, r)
	return r
}

// poolBlock is one window and a few vectors of its channels. in points at its first pixel, out at
// its output.
type poolBlock struct {
	lanes
	name                         string
	vectors                      int
	in, out                      reg.GPVirtual
	winH, winW, pixelStride, row reg.GPVirtual
}

func (p *poolBlock) at(pixel reg.GPVirtual, u int) Mem {
	return Mem{Base: pixel, Disp: u * p.bytes()}
}

// window runs body for every pixel of the window, in reading order.
func (p *poolBlock) window(name string, body func(pixel reg.GPVirtual)) {
	name = p.name + "_" + name
	wy, wx, line, pixel := GP64(), GP64(), GP64(), GP64()
	MOVQ(p.in, line)
	MOVQ(p.winH, wy)
	Label(name + "_row")
	MOVQ(line, pixel)
	MOVQ(p.winW, wx)
	Label(name + "_pixel")
	body(pixel)
	ADDQ(p.pixelStride, pixel)
	DECQ(wx)
	JNZ(LabelRef(name + "_pixel"))
	ADDQ(p.row, line)
	DECQ(wy)
	JNZ(LabelRef(name + "_row"))
}

// pool writes the loops over windows and channels: most vectors of channels at a time, then one,
// then a masked one. in and out name the parameters with the layout of the input and the output.
func (v isa) pool(in, out string, most int, body func(p *poolBlock)) {
	inWindow, outPixel, x := loadInt(in), loadInt(out), loadInt("out")
	winH, winW, pixelStride, row := loadInt("winH"), loadInt("winW"), loadInt("pixel"), loadInt("row")
	inCh, outCh, n := GP64(), GP64(), GP64()

	Label("output")
	MOVQ(inWindow, inCh)
	MOVQ(outPixel, outCh)
	MOVQ(address("channels"), n)
	run := func(name, next string, vectors int) {
		Label(name)
		CMPQ(n, I32(int32(vectors*v.width)))
		JB(LabelRef(next))
		body(&poolBlock{lanes{v, nil}, name, vectors, inCh, outCh, winH, winW, pixelStride, row})
		ADDQ(I32(int32(vectors*v.bytes())), inCh)
		ADDQ(I32(int32(vectors*v.bytes())), outCh)
		SUBQ(I32(int32(vectors*v.width)), n)
		JMP(LabelRef(name))
	}
	run("many", "single", most)
	run("single", "tail", 1)
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	body(&poolBlock{v.first(n, v.width), "tail", 1, inCh, outCh, winH, winW, pixelStride, row})
	Label("done")
	ADDQ(address("step"), inWindow)
	ADDQ(address("dstPixel"), outPixel)
	DECQ(x)
	JNZ(LabelRef("output"))
	ret()
}
