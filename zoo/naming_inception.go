package zoo

import (
	"slices"
	"strings"

	"oneiro/weights"
)

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

// inceptionV3Keras are the ways in which Keras names convolutions by the order in which they were made, in
// files with weights alone and with the whole model: Keras 1 counted from 1, and Keras 3 leaves out the :0.
var inceptionV3Keras = []struct {
	prefix string
	first  int
	output string
}{
	{"", 1, ":0"}, {"model_weights/", 1, ":0"}, {"", 0, ":0"},
	{"model_weights/", 0, ":0"}, {"", 0, ""}, {"model_weights/", 0, ""},
}

func inceptionV3Namings() []naming {
	plain := naming{by: "oneiro", network: inceptionV3}
	graph := naming{by: "TensorFlow's graph of 2015", network: inceptionV3}
	torch := naming{by: "torchvision", network: inceptionV3 + "-tv"}
	slim := naming{by: "TF-slim", network: inceptionV3 + "-tf"}
	keras := make([]naming, len(inceptionV3Keras))
	for i, l := range inceptionV3Layers() {
		layer := l.layer()
		plain.add(layer, pairOf(layer, torchRoles))
		torch.add(layer, weights.Layer{Weight: l.torch + ".conv.weight",
			Norm: torchNorm(l.torch+".bn", inceptionV3Epsilon)})
		slim.add(layer, weights.Layer{Weight: "InceptionV3/" + l.slim + "/weights",
			Norm: tensorNorm("InceptionV3/"+l.slim+"/BatchNorm/", "")})
		graph.add(layer, weights.Layer{Weight: l.graph + "/conv2d_params",
			Norm: tensorNorm(l.graph+"/batchnorm/", "")})
		for k, way := range inceptionV3Keras {
			conv, norm := kerasName("conv2d", way.first+i), kerasName("batch_normalization", way.first+i)
			keras[k].add(layer, weights.Layer{Weight: way.prefix + conv + "/" + conv + "/kernel" + way.output,
				Norm: tensorNorm(way.prefix+norm+"/"+norm+"/", way.output)})
		}
	}
	plain.add(inceptionHead, pairOf(inceptionHead, torchRoles))
	torch.add(inceptionHead, pairOf("fc", torchRoles))
	slimHead := pairOf("InceptionV3/Logits/Conv2d_1c_1x1", [2]string{"/weights", "/biases"})
	slimHead.Background = true
	slim.add(inceptionHead, slimHead)
	graph.add(inceptionHead, pairOf("softmax", [2]string{"/weights", "/biases"}))
	for k, way := range inceptionV3Keras {
		keras[k].by, keras[k].network = "Keras", inceptionV3+"-tf"
		keras[k].add(inceptionHead, pairOf(way.prefix+"predictions/predictions",
			[2]string{"/kernel" + way.output, "/bias" + way.output}))
	}
	return append([]naming{plain, ported(torch), torch, graph, slim}, keras...)
}

// ported is the graph of 2015 under torchvision's names, as pytorch-fid has it to measure Fréchet distances.
// It differs from torchvision's own network by eight more classes.
func ported(torch naming) naming {
	torch.by, torch.network, torch.layers = "pytorch-fid", inceptionV3, slices.Clone(torch.layers)
	torch.layers[len(torch.layers)-1].numbers = 1008 * 2048
	return torch
}

// tensorNorm is a batch normalisation under TensorFlow's names, without scale.
func tensorNorm(prefix, suffix string) weights.Norm {
	return weights.Norm{
		Shift: prefix + "beta" + suffix, Mean: prefix + "moving_mean" + suffix, Variance: prefix +
			"moving_variance" + suffix,
		Epsilon: inceptionV3Epsilon,
	}
}

// googLeNetModules are the inception modules of GoogLeNet.
var googLeNetModules = []string{"3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"}

// googLeNetRows name the convolutions of a module: as BVLC and package nn do, as torchvision, and as
// Inception5h.
var googLeNetRows = []struct{ caffe, torch, five string }{
	{"1x1", "branch1", "1x1"}, {"3x3_reduce", "branch2.0", "3x3_bottleneck"}, {"3x3", "branch2.1", "3x3"},
	{"5x5_reduce", "branch3.0", "5x5_bottleneck"}, {"5x5", "branch3.1", "5x5"}, {"pool_proj", "branch4.1",
		"pool_reduce"},
}

func googLeNetNamings() []naming {
	const head = "loss3/classifier"
	caffe := naming{by: "Caffe", network: "googlenet"}
	caffe2 := naming{by: "Caffe2", network: "googlenet"}
	torch := naming{by: "torchvision", network: "googlenet-tv"}
	five := naming{by: "TensorFlow", network: "inception5h"}
	add := func(layer, torchName, fiveName string) {
		caffe.add(layer, pairOf(layer, torchRoles))
		caffe2.add(layer, pairOf(layer, [2]string{"_w_0", "_b_0"}))
		torch.add(layer, weights.Layer{Weight: torchName + ".conv.weight",
			Norm: torchNorm(torchName+".bn", 1e-3)})
		five.add(fiveName+"_pre_relu", pairOf(fiveName, [2]string{"_w", "_b"}))
	}
	add("conv1/7x7_s2", "conv1", "conv2d0")
	add("conv2/3x3_reduce", "conv2", "conv2d1")
	add("conv2/3x3", "conv3", "conv2d2")
	for _, m := range googLeNetModules {
		for _, r := range googLeNetRows {
			add("inception_"+m+"/"+r.caffe, "inception"+m+"."+r.torch, "mixed"+m+"_"+r.five)
		}
	}
	caffe.add(head, pairOf(head, torchRoles))
	caffe2.add(head, pairOf(head, [2]string{"_w_0", "_b_0"}))
	torch.add(head, pairOf("fc", torchRoles))
	five.add("softmax2_pre_activation", pairOf("softmax2", [2]string{"_w", "_b"}))
	return []naming{caffe, caffe2, torch, five}
}
