package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"

	"oneiro/nn"
	"oneiro/weights"
)

// knownFile is a file that circulates, by its length and the beginning of its SHA-256, as far as these are
// known.
type knownFile struct {
	size        int64 // 0 where it is not known
	sha256      string
	name, about string
}

// knownFiles are files that circulate, by network, the ones to recommend first.
var knownFiles = map[string][]knownFile{
	"vgg11": {
		{0, "8a719046", "vgg11-8a719046.pth", "torchvision's VGG-11"},
	},
	"vgg13": {
		{0, "19584684", "vgg13-19584684.pth", "torchvision's VGG-13"},
	},
	"vgg16": {
		{0, "00b39a1b", "vgg16-00b39a1b.pth", "Oxford's VGG-16 for PyTorch"},
		{553432081, "", "VGG_ILSVRC_16_layers.caffemodel", "Oxford's VGG-16"},
		{553433881, "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0", "vgg16-397923af.pth",
			"torchvision's VGG-16"},
		{0, "6c64b313", "vgg16_bn-6c64b313.pth", "torchvision's VGG-16 with batch normalisation"},
		{0, "88682ab5", "vgg16_features-amdegroot-88682ab5.pth", "VGG-16's convolutions by Oxford, for RGB"},
		{553467096, "", "vgg16_weights_tf_dim_ordering_tf_kernels.h5", "Keras' VGG-16"},
		{58889256, "", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
			"Keras' VGG-16 without classifier"},
		{553436134, "", "vgg16_weights.npz", "Frossard's VGG-16"},
		{553437328, "f20805a3ecccaa88647bbab4ad011ff2412a9838485ea844de0fcbce349820b9", "vgg16-7.onnx",
			"VGG-16 of the ONNX model zoo"},
		{553437752, "722c42f53ca03a5480296bf8f9c85a151de3eed9ec982d7d2302ff6e2900c67b", "vgg16-12.onnx",
			"VGG-16 of the ONNX model zoo"},
		{58858768, "", "vgg-conv.weights", "darknet's VGG-16 without classifier"},
	},
	"vgg19": {
		{0, "d01eb7cb", "vgg19-d01eb7cb.pth", "Oxford's VGG-19 for PyTorch"},
		{574671192, "", "VGG_ILSVRC_19_layers.caffemodel", "Oxford's VGG-19"},
		{574673361, "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44", "vgg19-dcbb9e9d.pth",
			"torchvision's VGG-19"},
		{0, "c79401a0", "vgg19_bn-c79401a0.pth", "torchvision's VGG-19 with batch normalisation"},
		{0, "11aea017b543ff59233749d8f1cf544cda749378f5790d2fedab841fb86b7669", "model.safetensors",
			"timm's vgg19.tv_in1k"},
		{574710816, "", "vgg19_weights_tf_dim_ordering_tf_kernels.h5", "Keras' VGG-19"},
		{80134624, "", "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
			"Keras' VGG-19 without classifier"},
		{534904783, "abdb57167f82a2a1fbab1e1c16ad9373411883f262a1a37ee5db2e6fb0044695",
			"imagenet-vgg-verydeep-19.mat", "MatConvNet's VGG-19"},
		{574677321, "692f9f927f1df1b89033787a77a73eac59fd9b3344f9ecdf0b13221e41c2046f", "vgg19-7.onnx",
			"VGG-19 of the ONNX model zoo"},
		{574674712, "cfb97260b303ad3963999662456571b89c5f73dbdd2fd9dffd19fed7a90f766b", "vgg19-caffe2-9.onnx",
			"VGG-19 of the ONNX model zoo"},
	},
	"googlenet": {
		{53533754, "", "bvlc_googlenet.caffemodel", "BVLC's GoogLeNet"},
		{28020232, "bd979d99d10d9acf84c5a67252bcae4992bf4e1afdab046cb0ea370e6f01ee38", "googlenet-9.onnx",
			"GoogLeNet of the ONNX model zoo"},
		{28020356, "f8b7bb4040377b83089eef98800a15303325ed75ced468a8972a87e0bc23692e", "inception-v1-9.onnx",
			"Inception v1 of the ONNX model zoo"},
	},
	"googlenet-tv": {
		{52147035, "1378be20", "googlenet-1378be20.pth", "torchvision's GoogLeNet"},
	},
	"inception5h": {
		{53884595, "a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f",
			"tensorflow_inception_graph.pb", "Inception5h"},
	},
	"inceptionv3": {
		{95673916, "", "classify_image_graph_def.pb", "Inception v3 of 2015"},
		{0, "6726825d", "pt_inception-2015-12-05-6726825d.pth",
			"Inception v3 of 2015, for the Fréchet distance"},
	},
	"inceptionv3-tf": {
		{96112376, "", "inception_v3_weights_tf_dim_ordering_tf_kernels.h5", "Keras' Inception v3"},
		{87910968, "", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
			"Keras' Inception v3 without classifier"},
	},
	"inceptionv3-tv": {
		{108949747, "0cc3c7bd75056d25e46cba549dc184522069b81e9787eff6df84f397bd52a5ef",
			"inception_v3_google-0cc3c7bd.pth", "torchvision's Inception v3"},
		{108857766, "1a9a5a14", "inception_v3_google-1a9a5a14.pth", "torchvision's Inception v3"},
	},
	"squeezenet1.0": {
		{0, "b66bff10", "squeezenet1_0-b66bff10.pth", "torchvision's SqueezeNet 1.0"},
	},
	"squeezenet1.1": {
		{0, "b8a52dc0", "squeezenet1_1-b8a52dc0.pth", "torchvision's SqueezeNet 1.1"},
	},
}

// sources say where files of other networks come from.
var sources = map[string]string{
	"vgg19-16x": "the encoder of Wang et al. 2020 (github.com/MingSun-Tse/Collaborative-Distillation)",
}

// addresses are those of files that their publishers offer for download, as docs/weights.md has them.
var addresses = map[string]string{
	"vgg19-dcbb9e9d.pth":     "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
	"googlenet-1378be20.pth": "https://download.pytorch.org/models/googlenet-1378be20.pth",
}

// Address returns where the publisher of a known file offers it for download, or nothing if that is not known.
func Address(file string) string { return addresses[file] }

// KnownFiles returns the names of files that are known to have a network's parameters, or a description of
// where they come from, the ones to recommend first. The built-in network needs none.
func KnownFiles(network string) []string {
	var names []string
	for _, k := range knownFiles[network] {
		names = append(names, k.name)
	}
	if where := sources[network]; where != "" {
		names = append(names, where)
	}
	return names
}

// Known returns the name of a well-known file and what it is, if the file has its length and SHA-256, as far
// as these are on record; else it is empty. It reads the whole file if it has to. The error is a
// weights.ReadError.
func (p *Params) Known() (string, error) {
	info, err := os.Stat(p.Path())
	if err != nil {
		return "", &weights.ReadError{File: p.Path(), Err: err}
	}
	if !info.Mode().IsRegular() {
		return "", nil
	}
	sum := "" // once it is needed
	for _, network := range nn.All() {
		for _, k := range knownFiles[network.Name] {
			if k.size != 0 && k.size != info.Size() {
				continue
			}
			if k.sha256 != "" && sum == "" {
				if sum, err = sumOf(p.Path()); err != nil {
					return "", err
				}
			}
			if strings.HasPrefix(sum, k.sha256) {
				return k.name + ", " + k.about, nil
			}
		}
	}
	return "", nil
}

func sumOf(path string) (string, error) {
	r, err := os.Open(path)
	if err != nil {
		return "", &weights.ReadError{File: path, Err: err}
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", &weights.ReadError{File: path, Err: err}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
