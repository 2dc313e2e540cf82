package nn

import "fmt"

// SqueezeNet11 describes SqueezeNet 1.1, the later version by the authors of SqueezeNet (Iandola et al.,
// arXiv:1602.07360), with their names for Caffe: conv1, fire2/squeeze1x1 ... conv10. pool10 has the logits.
func SqueezeNet11() *Network {
	return squeezeNet("1.1", 64, 3, []int{3, 5})
}

// SqueezeNet10 describes SqueezeNet 1.0, the one in the paper.
func SqueezeNet10() *Network {
	return squeezeNet("1.0", 96, 7, []int{4, 8})
}

// squeezeNet returns a SqueezeNet with pools after the first convolution and after the fire modules of these
// numbers.
func squeezeNet(version string, first, kernel int, pools []int) *Network {
	c := newChain()
	pool := func(at int) {
		name := fmt.Sprintf("pool%d", at)
		c.add(Layer{Name: name, Kind: MaxPool, Kernel: square(3), Stride: square(2), Ceil: true})
	}
	c.conv("conv1", "relu_conv1", first, kernel, 2, 0)
	pool(1)
	for i, n := range []int{16, 16, 32, 32, 48, 48, 64, 64} {
		fire := fmt.Sprintf("fire%d/", i+2)
		squeezed := c.conv(fire+"squeeze1x1", fire+"relu_squeeze1x1", n, 1, 1, 0)
		one := c.conv(fire+"expand1x1", fire+"relu_expand1x1", 4*n, 1, 1, 0)
		c.last = squeezed
		three := c.conv(fire+"expand3x3", fire+"relu_expand3x3", 4*n, 3, 1, 1)
		c.add(Layer{Name: fire + "concat", Kind: Concat, Inputs: []string{one, three}})
		for _, at := range pools {
			if at == i+2 {
				pool(at)
			}
		}
	}
	c.conv("conv10", "relu_conv10", 1000, 1, 1, 0)
	c.add(Layer{Name: "pool10", Kind: GlobalAvgPool})
	c.add(Layer{Name: "prob", Kind: Softmax})
	return &Network{
		Name:        "squeezenet" + version,
		Description: "SqueezeNet " + version + ": a small network of 5 MB (Iandola et al. 2016)",
		Input:       torchRGB, Layers: c.layers, Classes: 1000, Head: "conv10", InputSize: 224,
		Content: []string{"fire4/concat"},
		Style:   []string{"relu_conv1", "fire2/concat", "fire4/concat", "fire6/concat", "fire9/concat"},
		Dream:   []string{"fire8/concat"},
	}
}
