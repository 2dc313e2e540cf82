package zoo

import "strings"

// inceptionV3Row names a convolution of Inception v3 in the graph of 2015, in torchvision, and in TF-slim.
// Package nn has the graph's names with _ for /.
type inceptionV3Row struct{ graph, torch, slim string }

// The modules of Inception v3 (Szegedy et al., arXiv:1512.00567), their convolutions in the order in which
// Keras makes them. TF-slim's names are what its inception_v3.py has, slips included: there some 3x3 are
// called 1x1, and the same layers differ between modules.
var (
	inceptionV3Stem = []inceptionV3Row{
		{"conv", "Conv2d_1a_3x3", "Conv2d_1a_3x3"}, {"conv_1", "Conv2d_2a_3x3", "Conv2d_2a_3x3"},
		{"conv_2", "Conv2d_2b_3x3", "Conv2d_2b_3x3"}, {"conv_3", "Conv2d_3b_1x1", "Conv2d_3b_1x1"},
		{"conv_4", "Conv2d_4a_3x3", "Conv2d_4a_3x3"},
	}
	inceptionV3Modules = []struct {
		graph, torch string // slim has torchvision's
		rows         []inceptionV3Row
	}{
		{"mixed", "Mixed_5b", inceptionA("Conv2d_0a_1x1", "Conv2d_0b_5x5")},
		{"mixed_1", "Mixed_5c", inceptionA("Conv2d_0b_1x1", "Conv_1_0c_5x5")},
		{"mixed_2", "Mixed_5d", inceptionA("Conv2d_0a_1x1", "Conv2d_0b_5x5")},
		{"mixed_3", "Mixed_6a", []inceptionV3Row{
			{"conv", "branch3x3", "Branch_0/Conv2d_1a_1x1"},
			{"tower/conv", "branch3x3dbl_1", "Branch_1/Conv2d_0a_1x1"},
			{"tower/conv_1", "branch3x3dbl_2", "Branch_1/Conv2d_0b_3x3"},
			{"tower/conv_2", "branch3x3dbl_3", "Branch_1/Conv2d_1a_1x1"},
		}},
		{"mixed_4", "Mixed_6b", inceptionC}, {"mixed_5", "Mixed_6c", inceptionC},
		{"mixed_6", "Mixed_6d", inceptionC}, {"mixed_7", "Mixed_6e", inceptionC},
		{"mixed_8", "Mixed_7a", []inceptionV3Row{
			{"tower/conv", "branch3x3_1", "Branch_0/Conv2d_0a_1x1"},
			{"tower/conv_1", "branch3x3_2", "Branch_0/Conv2d_1a_3x3"},
			{"tower_1/conv", "branch7x7x3_1", "Branch_1/Conv2d_0a_1x1"},
			{"tower_1/conv_1", "branch7x7x3_2", "Branch_1/Conv2d_0b_1x7"},
			{"tower_1/conv_2", "branch7x7x3_3", "Branch_1/Conv2d_0c_7x1"},
			{"tower_1/conv_3", "branch7x7x3_4", "Branch_1/Conv2d_1a_3x3"},
		}},
		{"mixed_9", "Mixed_7b", inceptionE("Conv2d_0b_3x1")},
		{"mixed_10", "Mixed_7c", inceptionE("Conv2d_0c_3x1")},
	}
	inceptionC = []inceptionV3Row{
		{"conv", "branch1x1", "Branch_0/Conv2d_0a_1x1"},
		{"tower/conv", "branch7x7_1", "Branch_1/Conv2d_0a_1x1"},
		{"tower/conv_1", "branch7x7_2", "Branch_1/Conv2d_0b_1x7"},
		{"tower/conv_2", "branch7x7_3", "Branch_1/Conv2d_0c_7x1"},
		{"tower_1/conv", "branch7x7dbl_1", "Branch_2/Conv2d_0a_1x1"},
		{"tower_1/conv_1", "branch7x7dbl_2", "Branch_2/Conv2d_0b_7x1"},
		{"tower_1/conv_2", "branch7x7dbl_3", "Branch_2/Conv2d_0c_1x7"},
		{"tower_1/conv_3", "branch7x7dbl_4", "Branch_2/Conv2d_0d_7x1"},
		{"tower_1/conv_4", "branch7x7dbl_5", "Branch_2/Conv2d_0e_1x7"},
		{"tower_2/conv", "branch_pool", "Branch_3/Conv2d_0b_1x1"},
	}
)

func inceptionA(reduce, five string) []inceptionV3Row {
	return []inceptionV3Row{
		{"conv", "branch1x1", "Branch_0/Conv2d_0a_1x1"},
		{"tower/conv", "branch5x5_1", "Branch_1/" + reduce},
		{"tower/conv_1", "branch5x5_2", "Branch_1/" + five},
		{"tower_1/conv", "branch3x3dbl_1", "Branch_2/Conv2d_0a_1x1"},
		{"tower_1/conv_1", "branch3x3dbl_2", "Branch_2/Conv2d_0b_3x3"},
		{"tower_1/conv_2", "branch3x3dbl_3", "Branch_2/Conv2d_0c_3x3"},
		{"tower_2/conv", "branch_pool", "Branch_3/Conv2d_0b_1x1"},
	}
}

func inceptionE(column string) []inceptionV3Row {
	return []inceptionV3Row{
		{"conv", "branch1x1", "Branch_0/Conv2d_0a_1x1"},
		{"tower/conv", "branch3x3_1", "Branch_1/Conv2d_0a_1x1"},
		{"tower/mixed/conv", "branch3x3_2a", "Branch_1/Conv2d_0b_1x3"},
		{"tower/mixed/conv_1", "branch3x3_2b", "Branch_1/" + column},
		{"tower_1/conv", "branch3x3dbl_1", "Branch_2/Conv2d_0a_1x1"},
		{"tower_1/conv_1", "branch3x3dbl_2", "Branch_2/Conv2d_0b_3x3"},
		{"tower_1/mixed/conv", "branch3x3dbl_3a", "Branch_2/Conv2d_0c_1x3"},
		{"tower_1/mixed/conv_1", "branch3x3dbl_3b", "Branch_2/Conv2d_0d_3x1"},
		{"tower_2/conv", "branch_pool", "Branch_3/Conv2d_0b_1x1"},
	}
}

// layer is its name in package nn.
func (r inceptionV3Row) layer() string { return strings.ReplaceAll(r.graph, "/", "_") }

// inceptionV3Layers lists all convolutions, with their names in the whole network.
func inceptionV3Layers() []inceptionV3Row {
	all := inceptionV3Stem
	for _, m := range inceptionV3Modules {
		for _, r := range m.rows {
			all = append(all, inceptionV3Row{m.graph + "/" + r.graph, m.torch + "." + r.torch, m.torch + "/" +
				r.slim})
		}
	}
	return all
}

const (
	inceptionV3   = "inceptionv3"
	inceptionHead = "softmax" // the classifier in package nn
)

// inceptionV3Epsilon is what batch normalisation adds to the variance in all of them.
const inceptionV3Epsilon = 1e-3

func inceptionV3Namings() []naming {
	graph := naming{by: "TensorFlow's graph of 2015", network: inceptionV3, // which package nn follows
		spellings: []spelling{{".weight", "oneiro", ""}}}
	fid := naming{by: "pytorch-fid", network: inceptionV3}
	torch := naming{by: "torchvision", network: inceptionV3 + "-tv"}
	slim := naming{by: "TF-slim", network: inceptionV3 + "-tf"}
	keras := naming{by: "Keras", network: inceptionV3 + "-tf"}
	for i, l := range inceptionV3Layers() {
		layer := l.layer()
		add := func(n *naming, name, norm string) {
			n.layers = append(n.layers, namedLayer{layer: layer, unit: normal(name), norm: normal(norm)})
		}
		add(&torch, l.torch+".conv", l.torch+".bn")
		add(&fid, l.torch+".conv", l.torch+".bn")
		add(&slim, "InceptionV3/"+l.slim, "InceptionV3/"+l.slim+"/BatchNorm")
		add(&graph, l.graph, l.graph+"/batchnorm")
		add(&keras, kerasName("conv2d", i), kerasName("batch_normalization", i))
	}
	torch.add(inceptionHead, "fc")
	fid.add(inceptionHead, "fc")
	slim.layers = append(slim.layers, namedLayer{layer: inceptionHead,
		unit: normal("InceptionV3/Logits/Conv2d_1c_1x1"), background: true})
	graph.add(inceptionHead, "softmax")
	keras.add(inceptionHead, "predictions")
	all := []naming{torch, fid, graph, slim, keras}
	for i := range all {
		all[i].epsilon = inceptionV3Epsilon
	}
	return all
}

// googLeNetModules are the inception modules of GoogLeNet.
var googLeNetModules = []string{"3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"}

// googLeNetRows name the convolutions of a module: as BVLC and package nn do, as torchvision, and as
// Inception5h, and Captum's copy of that, and Chainer.
var googLeNetRows = []struct{ caffe, torch, five, captum, chainer string }{
	{"1x1", "branch1", "1x1", "conv_1x1", "conv1"},
	{"3x3_reduce", "branch2.0", "3x3_bottleneck", "conv_3x3_reduce", "proj3"},
	{"3x3", "branch2.1", "3x3", "conv_3x3", "conv3"},
	{"5x5_reduce", "branch3.0", "5x5_bottleneck", "conv_5x5_reduce", "proj5"},
	{"5x5", "branch3.1", "5x5", "conv_5x5", "conv5"},
	{"pool_proj", "branch4.1", "pool_reduce", "pool_proj", "projp"},
}

func googLeNetNamings() []naming {
	const head = "loss3/classifier"
	caffe := naming{by: "Caffe", network: "googlenet", preset: "bvlc-bgr",
		spellings: []spelling{{"_w_0", "Caffe2", "bvlc-bgr"}}}
	torch := naming{by: "torchvision", network: "googlenet-tv", epsilon: 1e-3}
	five := naming{by: "TensorFlow", network: "inception5h"}
	captum := naming{by: "Captum", network: "inception5h"}
	chainer := naming{by: "Chainer", network: "googlenet", preset: "bvlc-bgr"}
	add := func(layer, torchName, fiveName, captumName, chainerName string) {
		caffe.add(layer, layer)
		chainer.add(layer, chainerName)
		torch.layers = append(torch.layers, namedLayer{layer: layer, unit: normal(torchName + ".conv"),
			norm: normal(torchName + ".bn")})
		five.add(fiveName+"_pre_relu", fiveName)
		captum.add(fiveName+"_pre_relu", captumName)
	}
	add("conv1/7x7_s2", "conv1", "conv2d0", "conv1", "conv1")
	add("conv2/3x3_reduce", "conv2", "conv2d1", "conv2", "conv2_reduce")
	add("conv2/3x3", "conv3", "conv2d2", "conv3", "conv2")
	for _, m := range googLeNetModules {
		for _, r := range googLeNetRows {
			add("inception_"+m+"/"+r.caffe, "inception"+m+"."+r.torch, "mixed"+m+"_"+r.five, "mixed"+m+"."+r.captum,
				"inc"+m+"/"+r.chainer)
		}
	}
	caffe.add(head, head)
	chainer.add(head, "loss3_fc")
	torch.add(head, "fc")
	five.add("softmax2_pre_activation", "softmax2")
	captum.add("softmax2_pre_activation", "fc")
	return []naming{caffe, torch, five, captum, chainer}
}
