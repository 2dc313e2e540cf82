package nn

// Builtin describes the network that comes with the program, so that it works before anybody has
// found a file of weights: VGG's layers conv1_1 to conv5_1, three to eight times narrower, with
// pooling by the mean, which Gatys et al. (arXiv:1508.06576) prefer. BuiltinParams has its filters.
func Builtin() *Network {
	c := newChain()
	vggBlocks(c, [5]int{2, 2, 2, 2, 1}, [5]int{32, 64, 96, 128, 160}, AvgPool)
	c.layers = c.layers[:len(c.layers)-1] // nothing comes after pool5
	n := &Network{
		Name: "builtin",
		Description: "a small VGG with seeded random filters, orthogonal and scaled, until a trained one replaces it: " +
			"it carries colour and texture, but knows no objects",
		Input:  Preprocess{Order: RGB, Scale: 255, Mean: [3]float64{123.68, 116.779, 103.939}, Std: one3},
		Layers: c.layers,
	}
	// Content lies lower than in a trained network: the deeper a random layer, the less it knows of
	// where things are.
	n.Content = []string{"relu3_1"}
	n.Style = []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1"}
	// Half the square of a random layer is little more than brightness; one channel has a pattern.
	n.Dream = []string{"relu3_2"}
	n.DreamChannels = []int{3}
	return n
}
