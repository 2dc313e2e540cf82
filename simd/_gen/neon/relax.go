package main

func relax(a *asm) {
	a.function("relaxNEON", "(x, beside, above, below, other, left, right, up, down, cross, b, inverse *float32, "+
		"n int, omega float32)", 0, `relaxNEON does in assembly:

	for i := range n {
		sum := fma(left[i], beside[i], b[i])
		sum = fma(right[i], beside[i+1], sum)
		sum = fma(up[i], above[i], sum)
		sum = fma(down[i], below[i], sum)
		sum = fma(-cross[i], other[i], sum)
		x[i] = fma(omega, sum*inverse[i]-x[i], x[i])
	}`)
	// Pointer and register of each vector, in the order in which they are read; R9 counts. x is read and
	// then written through one pointer.
	const x, next reg = 0, 14
	const old, sum, product, omega vec = 0, 1, 2, 20
	terms := []struct {
		weight, value string
		w, v          reg
	}{{"left", "beside", 1, 2}, {"right", "", 3, next}, {"up", "above", 4, 5}, {"down", "below", 6, 7}, {"cross", "other", 8, 10}}
	a.argument("x", x)
	for _, t := range terms {
		a.argument(t.weight, t.w)
		if t.value != "" {
			a.argument(t.value, t.v)
		}
	}
	const b, inverse reg = 11, 12
	a.argument("b", b)
	a.argument("inverse", inverse)
	a.i("ADD $4, %v, %v", terms[0].v, next)
	a.broadcast("omega", omega)
	a.argument("n", count)
	a.strip(count, 4, func(floats int) {
		a.load(b, sum, floats)
		for k, t := range terms {
			w, v := vec(4+2*k), vec(5+2*k)
			a.load(t.w, w, floats)
			a.load(t.v, v, floats)
			if t.weight == "cross" {
				a.fmls(sum, w, v)
			} else {
				a.fmla(sum, w, v)
			}
		}
		a.load(inverse, product, floats)
		a.peek(x, old, floats)
		a.fmul(sum, sum, product)
		a.fsub(sum, sum, old)
		a.fmla(old, sum, omega)
		a.store(old, x, floats)
	})
	a.i("RET")
}
