package nn

// Builtin describes the network that comes with the program (zoo.Builtin has its parameters), so that it
// works before anybody has found a file of weights: VGG-19's layers from conv1_1 to relu5_4 with a tenth to a
// quarter of the channels, and behind them a classifier of the mean over the picture. Package train trains it.
func Builtin() *Network {
	c := newChain()
	vggBlocks(c, [5]int{2, 2, 4, 4, 4}, [5]int{24, 48, 96, 160, 128}, MaxPool)
	c.layers = c.layers[:len(c.layers)-1] // in place of pool5
	c.last = "relu5_4"
	c.add(Layer{Name: "pool5", Kind: GlobalAvgPool})
	c.add(Layer{Name: "fc8", Kind: Dense, Out: builtinClasses})
	c.add(Layer{Name: "prob", Kind: Softmax})
	return &Network{
		Name:        "builtin",
		Description: "a small VGG-19 that was trained on drawn motifs, and to see as a large one does; needs no file of weights",
		Input:       torchRGB,
		Layers:      c.layers, Classes: builtinClasses, Head: "fc8", Side: 64,
		Content: []string{"relu4_1"},
		Style:   []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
		Dream:   []string{"relu5_2"},
	}
}

// builtinClasses is how many motifs the network tells apart.
const builtinClasses = 58

// WithClasses returns a copy of n, which has a classifier, that tells so many classes apart.
func (n *Network) WithClasses(classes int) *Network {
	c := n.clone()
	for i := range c.Layers {
		if c.Layers[i].Name == n.Classifier() {
			c.Layers[i].Out = classes
		}
	}
	c.Classes = classes
	return c
}
