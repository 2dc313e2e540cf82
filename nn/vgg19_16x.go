package nn

// VGG19_16x describes the encoder of a VGG-19 compressed sixteenfold for style transfer (Wang et al.,
// "Collaborative Distillation for Ultra-Resolution Universal Style Transfer", arXiv:2003.08436): VGG-19 to
// relu5_1 with a quarter of the channels and reflection padding. Its first layer, conv0, is a 1x1 convolution
// from sRGB in 0..1 to VGG's input.
func VGG19_16x() *Network {
	c := newChain()
	c.conv("conv0", "", 3, 1, 1, 0)
	small := newChain()
	vggBlocks(small, [5]int{2, 2, 4, 4, 1}, [5]int{16, 32, 64, 128, 128}, MaxPool)
	for _, l := range small.layers[:len(small.layers)-1] { // nothing comes after pool5
		if l.Kind == Conv {
			c.add(Layer{Name: "pad" + l.Name[len("conv"):], Kind: ReflectPad, Pad: l.Pad})
			l.Pad = [4]int{}
		}
		l.Inputs = nil
		c.add(l)
	}
	return &Network{
		Name:        "vgg19-16x",
		Description: "VGG-19 to relu5_1, compressed sixteenfold for style transfer (Wang et al. 2020)",
		Input:       Preprocess{Order: RGB, Scale: 1, Std: one3}, Layers: c.layers,
		Content: []string{"relu4_1"},
		Style:   []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
		Dream:   []string{"relu4_1"},
	}
}
