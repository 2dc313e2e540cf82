package nn

// InceptionV3 describes Inception v3 (Szegedy et al., arXiv:1512.00567) as Google published it in December
// 2015, with the names of that graph: conv to conv_4, and the modules mixed to mixed_10 of convolutions such
// as mixed_4_tower_1_conv_2, each followed by a ReLU, mixed_4_tower_1_conv_2_relu. Batch normalisation is
// folded into the convolutions.
func InceptionV3() *Network {
	n := inceptionV3(AvgPool, MaxPool, false, 1008)
	n.Name, n.Description = "inceptionv3", "Inception v3 as published in 2015, with 1008 classes"
	return n
}

// InceptionV3TF describes Inception v3 as trained for TF-slim and Keras: the last module averages where the
// graph of 2015 takes a maximum.
func InceptionV3TF() *Network {
	n := inceptionV3(AvgPool, AvgPool, false, 1000)
	n.Name, n.Description = "inceptionv3-tf", "Inception v3 as trained for Keras and TF-slim"
	return n
}

// InceptionV3TV describes torchvision's Inception v3: the parameters are those of TF-slim, but averages count
// the padding.
func InceptionV3TV() *Network {
	n := inceptionV3(AvgPool, AvgPool, true, 1000)
	n.Name, n.Description = "inceptionv3-tv", "Inception v3 as converted by torchvision"
	return n
}

func inceptionV3(pool, lastPool Kind, countPad bool, classes int) *Network {
	c := newChain()
	b := inceptionBuilder{c, countPad}
	shrink := Layer{Kind: MaxPool, Kernel: square(3), Stride: square(2)}
	b.conv("conv", 32, [2]int{3, 3}, 2, false)
	b.conv("conv_1", 32, [2]int{3, 3}, 1, false)
	b.conv("conv_2", 64, [2]int{3, 3}, 1, true)
	shrink.Name = "pool"
	c.add(shrink)
	b.conv("conv_3", 80, [2]int{1, 1}, 1, true)
	b.conv("conv_4", 192, [2]int{3, 3}, 1, false)
	shrink.Name = "pool_1"
	c.add(shrink)
	b.moduleA("mixed", pool, 32)
	b.moduleA("mixed_1", pool, 64)
	b.moduleA("mixed_2", pool, 64)
	b.moduleB("mixed_3")
	b.moduleC("mixed_4", pool, 128)
	b.moduleC("mixed_5", pool, 160)
	b.moduleC("mixed_6", pool, 160)
	b.moduleC("mixed_7", pool, 192)
	b.moduleD("mixed_8")
	b.moduleE("mixed_9", pool)
	b.moduleE("mixed_10", lastPool)
	c.add(Layer{Name: "pool_3", Kind: GlobalAvgPool})
	c.add(Layer{Name: "softmax", Kind: Dense, Out: classes})
	c.add(Layer{Name: "prob", Kind: Softmax})
	return &Network{
		Input: inceptionRGB, Layers: c.layers, Classes: classes, Head: "softmax", InputSize: 299,
		Content: []string{"mixed_2"},
		Style:   []string{"conv_relu", "conv_2_relu", "conv_4_relu", "mixed", "mixed_3"},
		Dream:   []string{"mixed_3", "mixed_5"},
	}
}

// inceptionBuilder adds the modules of Inception v3 (figures 5 to 10 of the paper) to a chain.
type inceptionBuilder struct {
	*chain
	countPad bool
}

// conv adds a convolution and its ReLU. With same, the picture keeps its size.
func (b inceptionBuilder) conv(name string, out int, kernel [2]int, stride int, same bool) string {
	l := Layer{Name: name, Kind: Conv, Out: out, Kernel: kernel, Stride: square(stride)}
	if same {
		l.Pad = [4]int{kernel[0] / 2, kernel[1] / 2, kernel[0] / 2, kernel[1] / 2}
	}
	b.add(l)
	return b.add(Layer{Name: name + "_relu", Kind: ReLU})
}

// tower adds a chain of convolutions that reads from: name, name_1, name_2 ...
func (b inceptionBuilder) tower(from, name string, convs ...convSpec) string {
	b.last = from
	for i, c := range convs {
		b.conv(name+suffix(i), c.out, c.kernel, max(c.stride, 1), c.stride < 2)
	}
	return b.last
}

// convSpec is a convolution of a tower. Only those without a stride are padded.
type convSpec struct {
	out    int
	kernel [2]int
	stride int
}

func suffix(i int) string {
	return []string{"", "_1", "_2", "_3", "_4"}[i]
}

var (
	k1  = [2]int{1, 1}
	k3  = [2]int{3, 3}
	k5  = [2]int{5, 5}
	k17 = [2]int{1, 7}
	k71 = [2]int{7, 1}
	k13 = [2]int{1, 3}
	k31 = [2]int{3, 1}
)

// pooled adds the branch that begins with a pool of stride 1.
func (b inceptionBuilder) pooled(from, module string, kind Kind, out int) string {
	b.last = from
	b.add(Layer{
		Name: module + "_tower_2_pool", Kind: kind, Kernel: square(3), Stride: square(1), Pad: around(1),
		CountPad: b.countPad && kind == AvgPool,
	})
	return b.conv(module+"_tower_2_conv", out, k1, 1, true)
}

// join concatenates the branches of a module.
func (b inceptionBuilder) join(name string, branches ...string) string {
	return b.add(Layer{Name: name, Kind: Concat, Inputs: branches})
}

// moduleA has a 5x5 as in GoogLeNet, next to two 3x3 in a row (figure 5).
func (b inceptionBuilder) moduleA(m string, pool Kind, project int) {
	from := b.last
	b.join(m,
		b.tower(from, m+"_conv", convSpec{64, k1, 0}),
		b.tower(from, m+"_tower_conv", convSpec{48, k1, 0}, convSpec{64, k5, 0}),
		b.tower(from, m+"_tower_1_conv", convSpec{64, k1, 0}, convSpec{96, k3, 0}, convSpec{96, k3, 0}),
		b.pooled(from, m, pool, project))
}

// moduleB halves the picture, 35x35 to 17x17 (figure 10).
func (b inceptionBuilder) moduleB(m string) {
	from := b.last
	conv := b.tower(from, m+"_conv", convSpec{384, k3, 2})
	tower := b.tower(from, m+"_tower_conv", convSpec{64, k1, 0}, convSpec{96, k3, 0}, convSpec{96, k3, 2})
	b.join(m, conv, tower, b.halved(from, m))
}

// halved adds the branch that pools with stride 2.
func (b inceptionBuilder) halved(from, m string) string {
	return b.add(Layer{
		Name: m + "_pool", Kind: MaxPool, Inputs: []string{from}, Kernel: square(3), Stride: square(2),
	})
}

// moduleC has 7x7 convolutions factorised into 1x7 and 7x1 (figure 6).
func (b inceptionBuilder) moduleC(m string, pool Kind, n int) {
	from := b.last
	b.join(m,
		b.tower(from, m+"_conv", convSpec{192, k1, 0}),
		b.tower(from, m+"_tower_conv", convSpec{n, k1, 0}, convSpec{n, k17, 0}, convSpec{192, k71, 0}),
		b.tower(from, m+"_tower_1_conv", convSpec{n, k1, 0}, convSpec{n, k71, 0}, convSpec{n, k17, 0},
			convSpec{n, k71, 0}, convSpec{192, k17, 0}),
		b.pooled(from, m, pool, 192))
}

// moduleD halves the picture, 17x17 to 8x8.
func (b inceptionBuilder) moduleD(m string) {
	from := b.last
	tower := b.tower(from, m+"_tower_conv", convSpec{192, k1, 0}, convSpec{320, k3, 2})
	tower1 := b.tower(from, m+"_tower_1_conv",
		convSpec{192, k1, 0}, convSpec{192, k17, 0}, convSpec{192, k71, 0}, convSpec{192, k3, 2})
	b.join(m, tower, tower1, b.halved(from, m))
}

// moduleE has 3x3 convolutions factorised into a 1x3 and a 3x1 side by side (figure 7).
func (b inceptionBuilder) moduleE(m string, pool Kind) {
	from := b.last
	fork := func(tower string) string {
		at := b.last
		row := b.tower(at, tower+"_mixed_conv", convSpec{384, k13, 0})
		b.last = at
		column := b.conv(tower+"_mixed_conv_1", 384, k31, 1, true)
		return b.join(tower+"_mixed", row, column)
	}
	conv := b.tower(from, m+"_conv", convSpec{320, k1, 0})
	b.tower(from, m+"_tower_conv", convSpec{384, k1, 0})
	tower := fork(m + "_tower")
	b.tower(from, m+"_tower_1_conv", convSpec{448, k1, 0}, convSpec{384, k3, 0})
	tower1 := fork(m + "_tower_1")
	b.join(m, conv, tower, tower1, b.pooled(from, m, pool, 192))
}
