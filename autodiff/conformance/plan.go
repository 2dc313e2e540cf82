package conformance

import "oneiro/autodiff"

// RunPlan computes a plan's outputs in float64, step by step, from the values of its inputs. It knows
// what a step's fused parts mean, and nothing of memory. Words of bits are numbers in it.
func RunPlan(p *autodiff.Plan, inputs map[*autodiff.Node][]float64) [][]float64 {
	values := map[*autodiff.Node]array{}
	for _, n := range p.Inputs {
		values[n] = evalNode(n, nil, inputs)
	}
	for _, n := range p.Consts {
		values[n] = evalNode(n, nil, nil)
	}
	for i := range p.Steps {
		runStep(&p.Steps[i], values)
	}
	results := make([][]float64, len(p.Outputs))
	for i, n := range p.Outputs {
		results[i] = values[n].v
	}
	return results
}

func runStep(s *autodiff.Step, values map[*autodiff.Node]array) {
	if s.Again != nil {
		runStep(s.Again, values)
	}
	in := make([]array, len(s.In))
	for i, n := range s.In {
		in[i] = values[n]
	}
	if s.Unpool != nil {
		pool := s.Unpool.In[0]
		in[0] = unpooled(pool.Attr.(autodiff.Pool), in[0], values[s.Unpool], pool.In[0].Shape)
	}
	shape := s.Node.Shape
	if s.Pool != nil {
		shape = s.Pool.Shape
	}
	out := array{shape, make([]float64, shape.Len())}
	switch s.Op.Name {
	case "keep":
		copy(out.v, in[0].v)
		mask(out, in[1])
	case "unpool":
		out = unpooled(s.Attr.(autodiff.Pool), in[0], in[1], shape)
	default:
		oracle[s.Op.Name](&autodiff.Node{Op: s.Op, Attr: s.Attr, In: s.In, Shape: shape}, in, out)
		if s.Op.Name == "gramGrad" && len(in) == 3 {
			for i, v := range in[2].v {
				out.v[i] += v
			}
		}
	}
	if s.Plus != nil {
		addGram(s.Plus, values, out)
	}
	if s.ReLU {
		for i, v := range out.v {
			out.v[i] = max(v, 0)
		}
	}
	full := out
	if s.Pool != nil {
		out = array{s.Node.Shape, make([]float64, s.Node.Shape.Len())}
		oracle["maxPool"](s.Node, []array{full}, out)
	} else if s.Picks != nil {
		full = in[0]
	}
	if s.Mask != nil {
		mask(out, values[s.Mask])
	}
	if s.Signs != nil {
		signs := array{s.Signs.Shape, make([]float64, s.Signs.Shape.Len())}
		out.each(func(n, y, x, c int) {
			if out.at(n, y, x, c) > 0 {
				signs.set(n, y, x, 0, c)
			}
		})
		values[s.Signs] = signs
	}
	if s.Picks != nil {
		picks := array{s.Picks.Shape, make([]float64, s.Picks.Shape.Len())}
		words := autodiff.Words(out.C)
		maxima(s.Node.Attr.(autodiff.Pool), full, out, func(n, oy, ox, iy, ix, c int) {
			if ix%2 != 0 {
				picks.set(n, oy, ox, 0, c)
			}
			if iy%2 != 0 {
				picks.set(n, oy, ox, words, c)
			}
		})
		values[s.Picks] = picks
	}
	values[s.Node] = out
}

// addGram adds the gradient of a Gram matrix to out.
func addGram(s *autodiff.Step, values map[*autodiff.Node]array, out array) {
	if s.Again != nil {
		runStep(s.Again, values)
	}
	sum := array{out.Shape, make([]float64, len(out.v))}
	oracle[s.Op.Name](&autodiff.Node{Op: s.Op, Attr: s.Attr, In: s.In, Shape: out.Shape}, []array{values[s.In[0]], values[s.In[1]]}, sum)
	for i, v := range sum.v {
		out.v[i] += v
	}
}

// set sets the bit of channel c in the words from number first on, and bit returns it.
func (a array) set(n, y, x, first, c int) {
	i := a.index(n, y, x, first+c/32)
	a.v[i] = float64(uint32(a.v[i]) | 1<<(c%32))
}

func (a array) bit(n, y, x, first, c int) int {
	return int(uint32(a.at(n, y, x, first+c/32)) >> (c % 32) & 1)
}

func mask(a, signs array) {
	a.each(func(n, y, x, c int) {
		if signs.bit(n, y, x, 0, c) == 0 {
			a.v[a.index(n, y, x, c)] = 0
		}
	})
}

func unpooled(p autodiff.Pool, dy, picks array, shape autodiff.Shape) array {
	dx := array{shape, make([]float64, shape.Len())}
	words := autodiff.Words(shape.C)
	dy.each(func(n, y, x, c int) {
		dx.add(n, y*p.StrideH+picks.bit(n, y, x, words, c), x*p.StrideW+picks.bit(n, y, x, 0, c), c, dy.at(n, y, x, c))
	})
	return dx
}
