package nn

// GoogLeNet describes GoogLeNet (Szegedy et al., arXiv:1409.4842, table 1) as BVLC trained it for Caffe,
// without the two auxiliary classifiers.
//
// Convolutions, concatenations and the classifier have Caffe's names. Caffe computes ReLUs in place, so what
// is called inception_3b/5x5_reduce elsewhere may be inception_3b/relu_5x5_reduce here. The first and last
// ReLU of the stem are conv1/relu and conv2/relu; pools and normalisations are pool1 to pool5, norm1 and
// norm2. pool5 averages over the whole picture, where the original has a 7x7 window for 224 pixels.
func GoogLeNet() *Network {
	c := newChain()
	norm := LRNParams{Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}
	pool := func(name string) { // Caffe rounds sizes up
		c.add(Layer{Name: name, Kind: MaxPool, Kernel: square(3), Stride: square(2), Ceil: true})
	}
	c.conv("conv1/7x7_s2", "conv1/relu", 64, 7, 2, 3)
	pool("pool1")
	c.add(Layer{Name: "norm1", Kind: LRN, LRN: norm})
	c.conv("conv2/3x3_reduce", "conv2/relu_3x3_reduce", 64, 1, 1, 0)
	c.conv("conv2/3x3", "conv2/relu", 192, 3, 1, 1)
	c.add(Layer{Name: "norm2", Kind: LRN, LRN: norm})
	pool("pool2")
	for _, m := range googLeNetModules {
		c.inception(m, 5, caffeInception)
		switch m.name {
		case "3b":
			pool("pool3")
		case "4e":
			pool("pool4")
		}
	}
	c.googLeNetHead()
	n := googLeNet(c)
	n.Name, n.Input = "googlenet", bvlcBGR
	n.Description = "GoogLeNet (Inception v1) as BVLC trained it: the network of the first DeepDreams"
	return n
}

// googLeNet returns a network of these layers, still without name, description and preprocessing.
func googLeNet(c *chain) *Network {
	return &Network{
		Layers: c.layers, Classes: 1000, Head: "loss3/classifier", InputSize: 224,
		Content: []string{"inception_3b/output"},
		Style: []string{
			"conv1/relu", "conv2/relu", "inception_3a/output", "inception_4a/output", "inception_4d/output",
		},
		Dream: []string{"inception_4c/output"},
	}
}

// googLeNetHead appends the classifier.
func (c *chain) googLeNetHead() {
	c.add(Layer{Name: "pool5", Kind: GlobalAvgPool})
	c.add(Layer{Name: "loss3/classifier", Kind: Dense, Out: 1000})
	c.add(Layer{Name: "prob", Kind: Softmax})
}

// inceptionModule is a row of table 1 of the paper: output channels of the convolutions of a module.
type inceptionModule struct {
	name                                            string
	one, threeReduce, three, fiveReduce, five, pool int
}

var googLeNetModules = []inceptionModule{
	{"3a", 64, 96, 128, 16, 32, 32},
	{"3b", 128, 128, 192, 32, 96, 64},
	{"4a", 192, 96, 208, 16, 48, 64},
	{"4b", 160, 112, 224, 24, 64, 64},
	{"4c", 128, 128, 256, 24, 64, 64},
	{"4d", 112, 144, 288, 32, 64, 64},
	{"4e", 256, 160, 320, 32, 128, 128},
	{"5a", 256, 160, 320, 32, 128, 128},
	{"5b", 384, 192, 384, 48, 128, 128},
}

// inceptionNames are the names of an inception module's layers: prefix, the module, within, and the part. A
// convolution's name ends in postfix, and the part of its ReLU begins with relu; one of the two is not empty.
type inceptionNames struct {
	prefix, within                                           string
	one, threeReduce, three, fiveReduce, five, pool, project string
	output, relu, postfix                                    string
}

var caffeInception = inceptionNames{
	prefix: "inception_", within: "/", one: "1x1", threeReduce: "3x3_reduce", three: "3x3",
	fiveReduce: "5x5_reduce", five: "5x5", pool: "pool", project: "pool_proj",
	output: "/output", relu: "relu_",
}

// inception appends an inception module with dimension reductions (figure 2b of the paper). Its largest kernel
// is 5 there.
func (c *chain) inception(m inceptionModule, largest int, n inceptionNames) {
	from, in := c.last, n.prefix+m.name+n.within
	conv := func(name string, out, kernel int) string {
		return c.conv(in+name+n.postfix, in+n.relu+name, out, kernel, 1, kernel/2)
	}
	one := conv(n.one, m.one, 1)
	c.last = from
	conv(n.threeReduce, m.threeReduce, 1)
	three := conv(n.three, m.three, 3)
	c.last = from
	conv(n.fiveReduce, m.fiveReduce, 1)
	five := conv(n.five, m.five, largest)
	c.last = from
	c.add(Layer{Name: in + n.pool, Kind: MaxPool, Kernel: square(3), Stride: square(1), Pad: around(1)})
	pool := conv(n.project, m.pool, 1)
	c.add(Layer{Name: n.prefix + m.name + n.output, Kind: Concat, Inputs: []string{one, three, five, pool}})
}
