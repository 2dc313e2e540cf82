package nn

// GoogLeNetTV describes torchvision's GoogLeNet, with the names of GoogLeNet: trained with batch
// normalisation, which is folded into the convolutions, and without local response normalisation. The
// convolutions called 5x5 are 3x3, a mistake that torchvision kept (pytorch/vision issue 906), and pool4 has
// a 2x2 window.
func GoogLeNetTV() *Network {
	c := newChain()
	pool := func(name string, kernel int) {
		c.add(Layer{Name: name, Kind: MaxPool, Kernel: square(kernel), Stride: square(2), Ceil: true})
	}
	c.conv("conv1/7x7_s2", "conv1/relu", 64, 7, 2, 3)
	pool("pool1", 3)
	c.conv("conv2/3x3_reduce", "conv2/relu_3x3_reduce", 64, 1, 1, 0)
	c.conv("conv2/3x3", "conv2/relu", 192, 3, 1, 1)
	pool("pool2", 3)
	for _, m := range googLeNetModules {
		c.inception(m, 3, caffeInception)
		switch m.name {
		case "3b":
			pool("pool3", 3)
		case "4e":
			pool("pool4", 2)
		}
	}
	c.googLeNetHead()
	n := googLeNet(c)
	n.Name, n.Description, n.Input = "googlenet-tv", "GoogLeNet as trained by torchvision", inceptionRGB
	return n
}
