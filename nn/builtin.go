package nn

// Builtin describes the network that comes with the program, parameters included, so that it works without a
// file of weights: VGG-19's layers from conv1_1 to relu5_4 with a quarter to three eighths of the channels,
// then a classifier of their mean over the picture. Package train trains it.
func Builtin() *Network {
	c := newChain()
	vggBlocks(c, [5]int{2, 2, 4, 4, 4}, [5]int{24, 48, 96, 160, 128}, MaxPool)
	c.layers, c.last = c.layers[:len(c.layers)-1], "relu5_4" // its own pool5 follows
	c.add(Layer{Name: "pool5", Kind: GlobalAvgPool})
	c.add(Layer{Name: "fc8", Kind: Dense, Out: builtinClasses})
	c.add(Layer{Name: "prob", Kind: Softmax})
	return &Network{
		Name:        "builtin",
		Description: "a small VGG-19, trained on drawn motifs and by a larger VGG; needs no file of weights",
		Input:       torchRGB,
		Layers:      c.layers, Classes: builtinClasses, Head: "fc8", InputSize: 64,
		Content: []string{"relu4_1"},
		Style:   []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
		Dream:   []string{"relu5_2"},
		// Its pictures are small, so dreams have many sizes. With more steps they hide the photograph.
		DreamSteps: 10,
		// The network is so small that any texture raises its logits.
		Vis: VisDefaults{Size: 96, Jitter: 12, LearningRate: 0.06, EntropyWeight: 20, TVWeight: 60},
	}
}

// builtinClasses is the number of motifs in package train/motif.
const builtinClasses = 58

// WithClasses returns a copy of n, which has a classifier, for another number of classes.
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
