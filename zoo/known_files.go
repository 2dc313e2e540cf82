package zoo

// KnownFile is a file of weights that circulates. Length and sum are given as far as they are known.
type KnownFile struct {
	Network   string `json:"network"`          // name in package nn
	Name      string `json:"file"`             // as its publisher calls it
	About     string `json:"about"`            // what it is
	Bytes     int64  `json:"bytes,omitempty"`  // 0 where it is not known
	SHA256    string `json:"sha256,omitempty"` // all of it, its first 8 digits, or nothing
	Publisher string `json:"publisher"`        // where to look for it
	Licence   string `json:"licence"`          // as its publisher states it
}

// Publishers, and their licences. The networks were trained on ImageNet, whose pictures have terms of their
// own.
const (
	byOxford      = "University of Oxford (VGG)"
	byJohnson     = "J. Johnson"
	byTorchvision = "PyTorch (torchvision)"
	byONNX        = "ONNX model zoo"
	byKeras       = "Keras applications"
	byGoogle      = "Google (TensorFlow)"

	ccBy    = "CC BY 4.0"
	apache2 = "Apache 2.0"
	bsd3    = "BSD 3-clause"
)

// knownFiles are files that circulate, by network, the ones to recommend first.
var knownFiles = []KnownFile{
	{"vgg11", "vgg11-8a719046.pth",
		"torchvision's VGG-11", 0,
		"8a719046", byTorchvision, bsd3},
	{"vgg13", "vgg13-19584684.pth",
		"torchvision's VGG-13", 0,
		"19584684", byTorchvision, bsd3},
	{"vgg16", "vgg16-00b39a1b.pth",
		"Oxford's VGG-16 for PyTorch", 0,
		"00b39a1b", byJohnson, ccBy},
	{"vgg16", "VGG_ILSVRC_16_layers.caffemodel",
		"Oxford's VGG-16", 553432081,
		"", byOxford, ccBy},
	{"vgg16", "vgg16-397923af.pth",
		"torchvision's VGG-16", 553433881,
		"397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0", byTorchvision, bsd3},
	{"vgg16", "vgg16_bn-6c64b313.pth",
		"torchvision's VGG-16 with batch normalisation", 0,
		"6c64b313", byTorchvision, bsd3},
	{"vgg16", "vgg16_features-amdegroot-88682ab5.pth",
		"VGG-16's convolutions by Oxford, for RGB", 0,
		"88682ab5", byTorchvision, ccBy},
	{"vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
		"Keras' VGG-16", 553467096,
		"", byKeras, ccBy},
	{"vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
		"Keras' VGG-16 without classifier", 58889256,
		"", byKeras, ccBy},
	{"vgg16", "vgg16_weights.npz",
		"Frossard's VGG-16", 553436134,
		"", "D. Frossard", ccBy},
	{"vgg16", "vgg16-7.onnx",
		"VGG-16 of the ONNX model zoo", 553437328,
		"f20805a3ecccaa88647bbab4ad011ff2412a9838485ea844de0fcbce349820b9", byONNX, apache2},
	{"vgg16", "vgg16-12.onnx",
		"VGG-16 of the ONNX model zoo", 553437752,
		"722c42f53ca03a5480296bf8f9c85a151de3eed9ec982d7d2302ff6e2900c67b", byONNX, apache2},
	{"vgg16", "vgg-conv.weights",
		"darknet's VGG-16 without classifier", 58858768,
		"", "J. Redmon (darknet)", ccBy},
	{"vgg19", "vgg19-d01eb7cb.pth",
		"Oxford's VGG-19 for PyTorch", 0,
		"d01eb7cb", byJohnson, ccBy},
	{"vgg19", "VGG_ILSVRC_19_layers.caffemodel",
		"Oxford's VGG-19", 574671192,
		"", byOxford, ccBy},
	{"vgg19", "vgg19-dcbb9e9d.pth",
		"torchvision's VGG-19", 574673361,
		"dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44", byTorchvision, bsd3},
	{"vgg19", "vgg19_bn-c79401a0.pth",
		"torchvision's VGG-19 with batch normalisation", 0,
		"c79401a0", byTorchvision, bsd3},
	{"vgg19", "model.safetensors",
		"timm's vgg19.tv_in1k", 0,
		"11aea017b543ff59233749d8f1cf544cda749378f5790d2fedab841fb86b7669", "timm, on Hugging Face", bsd3},
	{"vgg19", "vgg19_weights_tf_dim_ordering_tf_kernels.h5",
		"Keras' VGG-19", 574710816,
		"", byKeras, ccBy},
	{"vgg19", "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
		"Keras' VGG-19 without classifier", 80134624,
		"", byKeras, ccBy},
	{"vgg19", "imagenet-vgg-verydeep-19.mat",
		"MatConvNet's VGG-19", 534904783,
		"abdb57167f82a2a1fbab1e1c16ad9373411883f262a1a37ee5db2e6fb0044695", "MatConvNet", ccBy},
	{"vgg19", "vgg19-7.onnx",
		"VGG-19 of the ONNX model zoo", 574677321,
		"692f9f927f1df1b89033787a77a73eac59fd9b3344f9ecdf0b13221e41c2046f", byONNX, apache2},
	{"vgg19", "vgg19-caffe2-9.onnx",
		"VGG-19 of the ONNX model zoo", 574674712,
		"cfb97260b303ad3963999662456571b89c5f73dbdd2fd9dffd19fed7a90f766b", byONNX, apache2},
	{"googlenet", "bvlc_googlenet.caffemodel",
		"BVLC's GoogLeNet", 53533754,
		"", "BVLC (Caffe model zoo)", "unrestricted use"},
	{"googlenet", "googlenet-9.onnx",
		"GoogLeNet of the ONNX model zoo", 28020232,
		"bd979d99d10d9acf84c5a67252bcae4992bf4e1afdab046cb0ea370e6f01ee38", byONNX, apache2},
	{"googlenet", "inception-v1-9.onnx",
		"Inception v1 of the ONNX model zoo", 28020356,
		"f8b7bb4040377b83089eef98800a15303325ed75ced468a8972a87e0bc23692e", byONNX, apache2},
	{"googlenet-tv", "googlenet-1378be20.pth",
		"torchvision's GoogLeNet", 52147035,
		"1378be20", byTorchvision, bsd3},
	{"inception5h", "tensorflow_inception_graph.pb",
		"Inception5h, from inception5h.zip", 53884595,
		"a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f", byGoogle, apache2},
	{"inceptionv3", "classify_image_graph_def.pb",
		"Inception v3 of 2015, from inception-2015-12-05.tgz", 95673916,
		"", byGoogle, apache2},
	{"inceptionv3", "pt_inception-2015-12-05-6726825d.pth",
		"Inception v3 of 2015, for the Fréchet distance", 0,
		"6726825d", "pytorch-fid", apache2},
	{"inceptionv3-tf", "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
		"Keras' Inception v3", 96112376,
		"", byKeras, apache2},
	{"inceptionv3-tf", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
		"Keras' Inception v3 without classifier", 87910968,
		"", byKeras, apache2},
	{"inceptionv3-tv", "inception_v3_google-0cc3c7bd.pth",
		"torchvision's Inception v3", 108949747,
		"0cc3c7bd75056d25e46cba549dc184522069b81e9787eff6df84f397bd52a5ef", byTorchvision, bsd3},
	{"inceptionv3-tv", "inception_v3_google-1a9a5a14.pth",
		"torchvision's Inception v3", 108857766,
		"1a9a5a14", byTorchvision, bsd3},
	{"squeezenet1.0", "squeezenet1_0-b66bff10.pth",
		"torchvision's SqueezeNet 1.0", 0,
		"b66bff10", byTorchvision, bsd3},
	{"squeezenet1.1", "squeezenet1_1-b8a52dc0.pth",
		"torchvision's SqueezeNet 1.1", 0,
		"b8a52dc0", byTorchvision, bsd3},
}
