package nn

import "fmt"

// VGG11 describes configuration A of Simonyan and Zisserman (arXiv:1409.1556, table 1), with the
// preprocessing of torchvision, which alone has published parameters. See VGG19.
func VGG11() *Network {
	n := vgg("vgg11", "VGG-11: 8 convolutions of 3x3 and three dense layers (Simonyan and Zisserman 2014)",
		[5]int{1, 1, 2, 2, 2})
	n.Input = torchRGB
	return n
}

// VGG13 describes configuration B; see VGG11.
func VGG13() *Network {
	n := vgg("vgg13", "VGG-13: 10 convolutions of 3x3 and three dense layers (Simonyan and Zisserman 2014)",
		[5]int{2, 2, 2, 2, 2})
	n.Input = torchRGB
	return n
}

// VGG16 describes configuration D of Simonyan and Zisserman (arXiv:1409.1556, table 1). See VGG19.
func VGG16() *Network {
	return vgg("vgg16", "VGG-16: 13 convolutions of 3x3 and three dense layers (Simonyan and Zisserman 2014)",
		[5]int{2, 2, 3, 3, 3})
}

// VGG19 describes configuration E of Simonyan and Zisserman (arXiv:1409.1556, table 1), with Caffe's names of
// layers: conv1_1, relu1_1 ... pool5, then fc6 ... prob.
//
// The dense layers are convolutions, as the paper evaluates them (section 3.2): fc6 has a 7x7 kernel without
// padding, so that a picture of 224 pixels gives one vector of classes and a larger one a map of them. Dropout
// is left out: it does nothing after training. Pooling drops an odd last row or column, as in torchvision and
// neural-style-pt; Caffe keeps it, which differs only where a pool reads an odd number of pixels.
func VGG19() *Network {
	return vgg("vgg19", "VGG-19: 16 convolutions of 3x3 and three dense layers (Simonyan and Zisserman 2014)",
		[5]int{2, 2, 4, 4, 4})
}

func vgg(name, description string, convs [5]int) *Network {
	c := newChain()
	vggBlocks(c, convs, [5]int{64, 128, 256, 512, 512}, MaxPool)
	c.conv("fc6", "relu6", 4096, 7, 1, 0)
	c.conv("fc7", "relu7", 4096, 1, 1, 0)
	c.conv("fc8", "", 1000, 1, 1, 0)
	c.add(Layer{Name: "prob", Kind: Softmax})
	return &Network{
		Name: name, Description: description, Input: caffeBGR,
		Layers: c.layers, Classes: 1000, Head: "fc6", InputSize: 224,
		// the layers of neural-style, after Gatys et al. (arXiv:1508.06576)
		Content: []string{"relu4_2"},
		Style:   []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
		Dream:   []string{fmt.Sprintf("relu4_%d", min(convs[3], 3))},
		// A VGG gives up more of the content for the same part of the style than the built-in network does.
		ContentUnit: 4,
	}
}

// vggBlocks appends blocks of 3x3 convolutions, each followed by a pool.
func vggBlocks(c *chain, convs, widths [5]int, pool Kind) {
	for b := range convs {
		for i := range convs[b] {
			at := fmt.Sprintf("%d_%d", b+1, i+1)
			c.conv("conv"+at, "relu"+at, widths[b], 3, 1, 1)
		}
		c.add(Layer{Name: fmt.Sprintf("pool%d", b+1), Kind: pool, Kernel: square(2), Stride: square(2)})
	}
}
