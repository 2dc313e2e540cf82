package conformance

import (
	"math"

	"oneiro/autodiff"
)

func init() {
	oracle["moments"] = func(_ *autodiff.Node, in []array, out array) {
		x := in[0]
		n := float64(len(x.v) / x.C)
		for c := range x.C {
			for i := c; i < len(x.v); i += x.C {
				out.v[c] += x.v[i] / n
			}
			for i := c; i < len(x.v); i += x.C {
				d := x.v[i] - out.v[c]
				out.v[x.C+c] += d * d / n
			}
		}
	}
	oracle["batchNorm"] = func(n *autodiff.Node, in []array, out array) {
		x, moments := in[0], in[1].v
		for i, v := range x.v {
			c := i % x.C
			out.v[i] = (v - moments[c]) / math.Sqrt(moments[x.C+c]+n.Attr.(float64))
		}
	}
	oracle["batchNormGrad"] = func(n *autodiff.Node, in []array, out array) {
		dy, y, moments := in[0].v, in[1], in[2].v
		rows := float64(len(dy) / y.C)
		for c := range y.C {
			var mean, product float64
			for i := c; i < len(dy); i += y.C {
				mean += dy[i] / rows
				product += dy[i] * y.v[i] / rows
			}
			for i := c; i < len(dy); i += y.C {
				out.v[i] = (dy[i] - mean - y.v[i]*product) / math.Sqrt(moments[y.C+c]+n.Attr.(float64))
			}
		}
	}
}
