package nn

// Small describes the network that package train trains: VGG-19's layers from conv1_1 to relu5_4 with few
// channels, and a classifier of the mean over the picture.
func Small(classes int) *Network {
	c := newChain()
	vggBlocks(c, [5]int{2, 2, 4, 4, 4}, [5]int{24, 48, 96, 160, 128}, MaxPool)
	c.layers = c.layers[:len(c.layers)-1]
	c.last = c.layers[len(c.layers)-1].Name
	c.add(Layer{Name: "pool5", Kind: GlobalAvgPool})
	c.add(Layer{Name: "fc8", Kind: Dense, Out: classes})
	c.add(Layer{Name: "prob", Kind: Softmax})
	return &Network{
		Name: "builtin", Description: "a small VGG-19 that was trained on drawn motifs", Input: torchRGB,
		Layers: c.layers, Classes: classes, Head: "fc8", Side: 64,
		Content: []string{"relu4_1"},
		Style:   []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
		Dream:   []string{"relu5_2"},
	}
}
