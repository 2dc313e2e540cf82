package nn

// Inception5h describes the network of Google's first DeepDreams, published as inception5h.zip
// (tensorflow_inception_graph.pb), with the names of its graph: conv2d0, mixed3a to mixed5b, and inside the
// modules names like mixed4a_3x3; _pre_relu is the value before the ReLU. It is a GoogLeNet in which the 3x3
// of 4a has 204 channels and the 5x5 of 5a reads 48.
func Inception5h() *Network {
	c := newChain()
	// TensorFlow takes 5 channels on either side and does not divide alpha by their number
	norm := LRNParams{Size: 11, Alpha: 11 * 1e-4, Beta: 0.5, K: 2}
	pool := func(name string) {
		c.add(Layer{Name: name, Kind: MaxPool, Kernel: square(3), Stride: square(2), Same: true})
	}
	c.add(Layer{
		Name: "conv2d0_pre_relu", Kind: Conv, Out: 64, Kernel: square(7), Stride: square(2), Same: true,
	})
	c.add(Layer{Name: "conv2d0", Kind: ReLU})
	pool("maxpool0")
	c.add(Layer{Name: "localresponsenorm0", Kind: LRN, LRN: norm})
	c.conv("conv2d1_pre_relu", "conv2d1", 64, 1, 1, 0)
	c.conv("conv2d2_pre_relu", "conv2d2", 192, 3, 1, 1)
	c.add(Layer{Name: "localresponsenorm1", Kind: LRN, LRN: norm})
	pool("maxpool1")
	names := inceptionNames{
		prefix: "mixed", within: "_", one: "1x1", threeReduce: "3x3_bottleneck", three: "3x3",
		fiveReduce: "5x5_bottleneck", five: "5x5", pool: "pool", project: "pool_reduce", postfix: "_pre_relu",
	}
	for _, m := range googLeNetModules {
		switch m.name {
		case "4a":
			m.three = 204
		case "5a":
			m.fiveReduce = 48
		}
		c.inception(m, 5, names)
		switch m.name {
		case "3b":
			pool("maxpool4")
		case "4e":
			pool("maxpool10")
		}
	}
	c.add(Layer{Name: "avgpool0", Kind: GlobalAvgPool})
	c.add(Layer{Name: "softmax2_pre_activation", Kind: Dense, Out: 1008})
	c.add(Layer{Name: "softmax2", Kind: Softmax})
	return &Network{
		Name:        "inception5h",
		Description: "Inception v1 as Google published it for dreams in 2015, with 1008 classes",
		Input:       inception5hRGB, Layers: c.layers,
		Classes: 1008, Head: "softmax2_pre_activation", InputSize: 224,
		Content: []string{"mixed3b"},
		Style:   []string{"conv2d0", "conv2d2", "mixed3a", "mixed4a", "mixed4d"},
		Dream:   []string{"mixed4c"},
	}
}
