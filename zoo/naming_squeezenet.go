package zoo

import "fmt"

// squeezeNets are the two SqueezeNets, by the places of their fire modules 2 to 9 among torchvision's modules;
// pools take the places between. The first convolution distinguishes them where names do not: 96 filters of
// 7x7 and 64 of 3x3.
var squeezeNets = []struct {
	network string
	fires   [8]int
}{
	{"squeezenet1.1", [8]int{3, 4, 6, 7, 9, 10, 11, 12}},
	{"squeezenet1.0", [8]int{3, 4, 5, 7, 8, 9, 10, 12}},
}

// squeezeNetNamings has the names that Iandola et al. (arXiv:1602.07360) used in Caffe, where pictures are
// those of BVLC's networks.
func squeezeNetNamings() []naming {
	var all []naming
	for _, s := range squeezeNets {
		caffe := naming{by: "Caffe", network: s.network, preset: "bvlc-bgr",
			spellings: []spelling{{"_w_0", "Caffe2", "bvlc-bgr"}}}
		torch := naming{by: "torchvision", network: s.network, preset: "torchvision"}
		alone := torch // features.state_dict(), alone and in other networks
		mxnet := naming{by: "Gluon", network: s.network, preset: "torchvision"}
		add := func(layer, torchName string) {
			k := len(caffe.layers)
			caffe.add(layer, layer)
			torch.add(layer, "features."+torchName)
			alone.add(layer, torchName)
			mxnet.add(layer, fmt.Sprintf("squeezenet0_conv%d", k))
		}
		add("conv1", "0")
		for i, at := range s.fires {
			fire, module := fmt.Sprintf("fire%d/", i+2), fmt.Sprintf("%d.", at)
			add(fire+"squeeze1x1", module+"squeeze")
			add(fire+"expand1x1", module+"expand1x1")
			add(fire+"expand3x3", module+"expand3x3")
		}
		torch.add("conv10", "classifier.1")
		caffe.add("conv10", "conv10")
		mxnet.add("conv10", "squeezenet0_conv25")
		all = append(all, caffe, torch, mxnet, alone)
	}
	return all
}
