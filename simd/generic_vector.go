package simd

import "math"

func genericReLU(dst, src []float32) {
	mustHave(src, len(dst))
	for i := range dst {
		dst[i] = relu(src[i])
	}
}

// relu selects between integers, so that the compiler needs no branch. NaN < 0 is false.
func relu(v float32) float32 {
	bits := math.Float32bits(v)
	if v < 0 {
		bits = 0
	}
	return math.Float32frombits(bits)
}

func genericReLUGrad(dst, dy, y []float32) {
	mustHave(dy, len(dst))
	mustHave(y, len(dst))
	for i := range dst {
		bits := math.Float32bits(dy[i]) // as in relu
		if !(y[i] > 0) {
			bits = 0
		}
		dst[i] = math.Float32frombits(bits)
	}
}

func genericAdd(dst, a, b []float32) {
	mustHave(a, len(dst))
	mustHave(b, len(dst))
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func genericSub(dst, a, b []float32) {
	mustHave(a, len(dst))
	mustHave(b, len(dst))
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func genericMul(dst, a, b []float32) {
	mustHave(a, len(dst))
	mustHave(b, len(dst))
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func genericScale(dst, a []float32, s float32) {
	mustHave(a, len(dst))
	for i := range dst {
		dst[i] = s * a[i]
	}
}

func genericAxpy(dst, x []float32, s float32) {
	mustHave(x, len(dst))
	for i := range dst {
		dst[i] += s * x[i]
	}
}

func genericScaledDiff(dst, a, b []float32, s float32) {
	mustHave(a, len(dst))
	mustHave(b, len(dst))
	for i := range dst {
		dst[i] = s * (a[i] - b[i])
	}
}

func genericSum(a []float32) float64 {
	sum := 0.0
	for _, v := range a {
		sum += float64(v)
	}
	return sum
}

func genericDot(a, b []float32) float64 {
	mustHave(b, len(a))
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

func genericSquaredDistance(a, b []float32) float64 {
	mustHave(b, len(a))
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}

func genericAdam(x, m, v, g []float32, s AdamStep) {
	mustHave(m, len(x))
	mustHave(v, len(x))
	mustHave(g, len(x))
	for i := range x {
		m[i] = s.Beta1*m[i] + (1-s.Beta1)*g[i]
		v[i] = s.Beta2*v[i] + (1-s.Beta2)*g[i]*g[i]
		root := float32(math.Sqrt(float64(v[i] * s.BiasCorrection2)))
		x[i] -= s.LearningRate * (m[i] * s.BiasCorrection1) / (root + s.Epsilon)
	}
}

func genericLRN(scale, slope, sums []float32, alpha, k float32) {
	checkLRN(scale, slope, sums)
	for i := range scale {
		n := k + alpha*sums[i]
		root := float32(math.Sqrt(float64(n)))
		scale[i] = 1 / (root * float32(math.Sqrt(float64(root))))
		if slope != nil {
			slope[i] = scale[i] / n
		}
	}
}
