package nn

// chain builds a network layer by layer. A layer without inputs reads the one before it.
type chain struct {
	layers []Layer
	last   string
}

func newChain() *chain { return &chain{last: Source} }

// add appends l and returns its name, which another branch may start from.
func (c *chain) add(l Layer) string {
	if l.Inputs == nil {
		l.Inputs = []string{c.last}
	}
	c.layers = append(c.layers, l)
	c.last = l.Name
	return l.Name
}

// conv appends a square convolution and its ReLU, unless relu is empty.
func (c *chain) conv(name, relu string, out, kernel, stride, pad int) string {
	c.add(Layer{
		Name: name, Kind: Conv, Out: out, Kernel: square(kernel), Stride: square(stride), Pad: around(pad),
	})
	if relu != "" {
		c.add(Layer{Name: relu, Kind: ReLU})
	}
	return c.last
}

func square(n int) [2]int { return [2]int{n, n} }

func around(n int) [4]int { return [4]int{n, n, n, n} }
