package nn

import "sort"

// extent is what a layer is along one axis.
type extent struct{ n, field, jump int }

// walk follows n pixels along an axis (0 down, 1 across) through the layers. It stops at the first
// of which nothing is left, and returns its index, or the number of layers if there is none.
func (net *Network) walk(n, axis int) (map[string]extent, int) {
	at := map[string]extent{Source: {n, 1, 1}}
	if n < 1 {
		return at, 0
	}
	for i, l := range net.Layers {
		e := at[l.Inputs[0]]
		for _, in := range l.Inputs[1:] {
			e.field = max(e.field, at[in].field)
		}
		switch l.Kind {
		case Conv, MaxPool, AvgPool:
			before, after := l.padding(e.n, axis)
			e.field += (l.Kernel[axis] - 1) * e.jump
			e.jump *= l.Stride[axis]
			e.n = windows(e.n, l.Kernel[axis], l.Stride[axis], before, after, l.Ceil)
		case ReflectPad:
			before, after := l.padding(e.n, axis)
			if e.n <= max(before, after) { // nothing to mirror
				e.n = 0
			} else {
				e.n += before + after
			}
		case GlobalAvgPool:
			e.field += (e.n - 1) * e.jump
			e.jump *= e.n
			e.n = 1
		}
		if e.n < 1 {
			return at, i
		}
		at[l.Name] = e
	}
	return at, len(net.Layers)
}

// padding returns how many pixels of padding there are before and after n pixels along an axis.
func (l *Layer) padding(n, axis int) (before, after int) {
	if !l.Same {
		return l.Pad[axis], l.Pad[axis+2]
	}
	stride := l.Stride[axis]
	total := max(0, (n-1)/stride*stride+l.Kernel[axis]-n)
	return total / 2, total - total/2
}

// windows returns how many windows of k pixels, stride pixels apart, fit into n pixels with padding
// before and after. Ceil adds the one that hangs over the end, unless it starts behind the n pixels.
func windows(n, k, stride, before, after int, ceil bool) int {
	over := n + before + after - k
	if over < 0 {
		return 0
	}
	out := over/stride + 1
	if ceil && over%stride != 0 && out*stride < n+before {
		out++
	}
	return out
}

// least returns how many pixels there have to be along an axis to reach every layer.
func (net *Network) least(axis int) int {
	const most = 1 << 24
	return sort.Search(most, func(n int) bool {
		_, reached := net.walk(n, axis)
		return reached == len(net.Layers)
	})
}
