package zoo

import "fmt"

// squeezeNets are the two SqueezeNets, by the places of their fire modules 2 to 9 among torchvision's modules;
// pools take the places between. The first convolution distinguishes them where names do not: 96 filters of
// 7x7 and 64 of 3x3.
var squeezeNets = []struct {
	network string
	fires   [8]int
	first   int64 // numbers of the first filter bank
}{
	{"squeezenet1.1", [8]int{3, 4, 6, 7, 9, 10, 11, 12}, 64 * 27},
	{"squeezenet1.0", [8]int{3, 4, 5, 7, 8, 9, 10, 12}, 96 * 147},
}

// squeezeNetNamings has the names that Iandola et al. (arXiv:1602.07360) used in Caffe.
func squeezeNetNamings() []naming {
	gluon := [2]string{"_weight", "_bias"}
	var all []naming
	for _, s := range squeezeNets {
		caffe := naming{by: "Caffe", network: s.network}
		torch := naming{by: "torchvision", network: s.network, preset: "torchvision"}
		mxnet := naming{by: "Gluon", network: s.network, preset: "torchvision"}
		add := func(layer, torchName string) {
			k := len(caffe.layers)
			caffe.add(layer, pairOf(layer, torchRoles))
			torch.add(layer, pairOf(torchName, torchRoles))
			mxnet.add(layer, pairOf(fmt.Sprintf("squeezenet0_conv%d", k), gluon))
		}
		add("conv1", "features.0")
		for i, at := range s.fires {
			fire, module := fmt.Sprintf("fire%d/", i+2), fmt.Sprintf("features.%d.", at)
			add(fire+"squeeze1x1", module+"squeeze")
			add(fire+"expand1x1", module+"expand1x1")
			add(fire+"expand3x3", module+"expand3x3")
		}
		add("conv10", "classifier.1")
		for _, n := range []naming{caffe, torch, mxnet} {
			n.layers[0].numbers = s.first
			all = append(all, n)
		}
	}
	return all
}
