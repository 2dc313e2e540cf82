package archtest

// rule is a package, or a folder of them if its path ends in "/...", and what it may import. Rules
// are listed from the top down: a package may only import what is below it.
type rule struct {
	path string
	why  string // what it is for, from which follows what it may not import
	may  []string
	// modules are the third-party modules whose packages it may import.
	modules []string
	// testing marks packages for tests: only tests import them, and only they may import the
	// standard library's testing.
	testing bool
}

// below stands for every package further down.
var below = []string{"..."}

// leaves lists what any package may import, at whatever level.
var leaves = []string{"internal/nearest", "internal/quote"}

var layers = []rule{
	{
		path: "autodiff/conformance", why: "says what a device has to compute, and must not share code with one",
		may: []string{"autodiff"}, testing: true,
	},
	{
		path: "cuda/internal/simt", why: "builds the driver that tests of cuda have in place of a GPU's, out of nothing but sources",
		may:     []string{"internal/fixture"},
		modules: []string{"github.com/klauspost/cpuid/v2"}, // compilers are told what processor it is for
		testing: true,
	},
	{
		path: "weights/internal/opentest", why: "opens files in the tests of containers",
		may: []string{"weights", "weights/internal/container", "internal/weightstest"}, testing: true,
	},
	{
		path: "internal/weightstest", why: "makes files of weights for tests, and reads none",
		testing: true,
	},
	{
		path: "internal/fixture", why: "finds files for tests, whatever they are",
		testing: true,
	},
	{
		path: "internal/archtest", why: "looks at the packages and is part of none",
	},
	{
		path: "cmd/oneiro", why: "the command line: flags in, exit codes out; nothing builds on it",
		may: below,
		modules: []string{
			"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "golang.org/x/sys",
			"github.com/klauspost/cpuid/v2",
		},
	},
	{
		path: "studio", why: "the web page: files, a queue and children of the program; what can be done to pictures " +
			"it asks the program, so that it knows no networks and no runs",
		may: []string{"internal/imageio", "internal/sheet", "internal/atomicfile", "internal/disk", "internal/filelock",
			"internal/memory", "internal/subprocess"},
	},
	{
		path: "scripts/...", why: "programs for contributors: they run commands and import nothing of ours",
	},
	{
		path: "cmd/quality", why: "a program that compares networks by their pictures; nothing builds on it",
		may: below,
	},
	{
		path: "bench/...", why: "workloads to measure the program by: only the command line runs them, and nothing depends on measurements",
		may: below,
	},
	{
		path: "judge", why: "measures results of any program: a network and pictures, no runs; render does not judge its own work",
		may:     []string{"loss", "nn", "internal/imageio", "autodiff"},
		modules: []string{"gonum.org/v1/gonum"},
	},
	{
		path: "train", why: "makes a network's parameters from pictures with labels and a teacher; it knows no canvas and no pipeline",
		may: []string{
			"nn", "weights", "internal/imageio", "internal/option", "train/motif", "autodiff", "autodiff/optim",
			"internal/parallel", "internal/checkpoint",
		},
	},
	{
		path: "render", why: "runs as values; parameters come through nn.Params and devices through autodiff.OpenDevice, so that it knows neither files of weights nor kinds of devices",
		may: []string{
			"loss", "nn", "colour", "flow", "internal/imageio", "internal/option", "autodiff", "autodiff/optim", "simd",
			"internal/parallel", "internal/checkpoint", "internal/memory", "internal/region", "internal/neighbours",
		},
		modules: []string{"gonum.org/v1/gonum"},
	},
	{
		path: "internal/clips", why: "draws films whose motion is known, to test and measure by; it knows nothing of what is made of them",
		may: []string{"flow", "train/motif", "internal/imageio"},
	},
	{
		path: "flow", why: "how things move between two pictures, from their luma; it knows neither frames of a film " +
			"nor networks",
		may: []string{"colour", "internal/atomicfile", "simd", "internal/parallel"},
	},
	{
		path: "film", why: "frames of moving pictures in and out; it knows nothing of what is done with them",
		may: []string{"colour", "internal/imageio", "internal/atomicfile", "internal/memory"},
	},
	{
		path: "zoo", why: "knows networks and their files: the only package above both nn and weights",
		may: []string{"nn", "weights"},
	},
	{
		path: "internal/option", why: "declares options as data, whatever they are of; who binds them to flags, forms or recipes stands above",
	},
	{
		path: "internal/sheet", why: "lays pictures out on one, with labels; whatever they are of",
		may: []string{"internal/imageio"}, modules: []string{"golang.org/x/image"},
	},
	{
		path: "internal/chart", why: "draws lines over time, with axes and a legend; whatever they are of",
		may: []string{"internal/imageio"}, modules: []string{"golang.org/x/image"},
	},
	{
		path: "internal/sample", why: "draws the built-in pictures by arithmetic, without a network",
		may: []string{"internal/imageio", "internal/noise"},
	},
	{
		path: "train/motif", why: "draws what the built-in network learns from, and knows no network",
		may:     []string{"internal/noise"},
		modules: []string{"golang.org/x/image"},
	},
	{
		path: "internal/noise", why: "random functions of the plane and interpolation",
	},
	{
		path: "internal/region", why: "reads and proposes pictures whose colours name regions; it knows no network but for the size of its fields",
		may: []string{"internal/imageio", "colour"},
	},
	{
		path: "internal/imageio", why: "turns picture files into arrays and back, and knows nothing of what is done with them",
		may:     []string{"internal/icc", "internal/atomicfile", "internal/memory"},
		modules: []string{"golang.org/x/image", "github.com/bep/imagemeta"},
	},
	{
		path: "internal/icc", why: "what colour profiles say, whatever file they are in", may: []string{"colour"},
	},
	{
		path: "colour", why: "colours as numbers: spaces, statistics, and how they go from one picture to another; it knows no files",
	},
	{
		path: "internal/memory", why: "asks the system how much memory there is, and nobody else",
		modules: []string{"golang.org/x/sys"},
	},
	{
		path: "internal/subprocess", why: "begins and ends the program as a child of another, on each system",
	},
	{
		path: "internal/filelock", why: "locks files of any kind",
		modules: []string{"golang.org/x/sys"},
	},
	{
		path: "loss", why: "the terms of an objective are graph over a network's layers, whatever device runs it",
		may: []string{"nn", "autodiff"}, modules: []string{"gonum.org/v1/gonum"},
	},
	{
		path: "nn", why: "networks as data and as graph; where parameters come from is hidden by nn.Params: it knows no files",
		may: []string{"autodiff"},
	},
	{
		path: "weights", why: "files of tensors; it knows no networks: whose tensors these are, zoo knows",
		may: []string{
			"weights/internal/npy", "weights/internal/torch", "weights/internal/hdf5", "weights/internal/tensorflow", "weights/internal/onnx",
			"weights/internal/caffe", "weights/internal/mat", "weights/internal/safetensors", "weights/internal/darknet", "weights/internal/raw",
			"weights/internal/pickle", "weights/internal/archive", "weights/internal/container", "internal/atomicfile",
		},
	},
	{
		path: "weights/internal/npy", why: "NumPy's arrays, archives and folders; an array may be a pickle",
		may: []string{"weights/internal/pickle", "weights/internal/archive", "weights/internal/container"},
	},
	{
		path: "weights/internal/torch", why: "PyTorch's files, which are pickles",
		may: []string{"weights/internal/pickle", "weights/internal/archive", "weights/internal/container"},
	},
	{
		path: "weights/internal/pickle", why: "runs Python's pickles as far as numbers need it, whatever file they are in",
		may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/hdf5", why: "Keras' files; what a compressed chunk may hold is as in an archive",
		may: []string{"weights/internal/archive", "weights/internal/dataflow", "weights/internal/container"},
	},
	{
		path: "weights/internal/archive", why: "checks zip archives from any program",
		may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/tensorflow", why: "TensorFlow's graphs and checkpoints, which are protocol buffers",
		may: []string{"weights/internal/protobuf", "weights/internal/dataflow", "weights/internal/container"},
	},
	{
		path: "weights/internal/onnx", why: "ONNX models, which are protocol buffers",
		may: []string{"weights/internal/protobuf", "weights/internal/dataflow", "weights/internal/container"},
	},
	{
		path: "weights/internal/caffe", why: "Caffe's models, which are protocol buffers",
		may: []string{"weights/internal/protobuf", "weights/internal/dataflow", "weights/internal/container"},
	},
	{
		path: "weights/internal/dataflow",
		why:  "finds the layers of a network in a graph of operations, of whatever format",
		may:  []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/protobuf", why: "the wire format of protocol buffers; what the fields mean, its users know",
		may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/mat", why: "MATLAB's files", may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/safetensors", why: "safetensors files", may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/darknet", why: "darknet's files", may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/raw", why: "folders of raw numbers", may: []string{"weights/internal/container"},
	},
	{
		path: "weights/internal/container", why: "what readers of formats have in common: tensors, layouts, types, errors; it knows no format",
	},
	{
		path: "internal/checkpoint", why: "the container and the errors of checkpoints, whatever they are of",
	},
	{
		path: "internal/atomicfile", why: "writes files of any kind whole or not at all",
		modules: []string{"golang.org/x/sys"},
	},
	{
		path: "cuda", why: "the device that is a GPU: the only package with C, and that behind a build tag; above it only render opens one, and cmd lists them",
		may: []string{"autodiff", "autodiff/optim"},
	},
	{
		path: "autodiff/cpu", why: "the device that is the processor: the only one to join plans with kernels",
		may:     []string{"autodiff", "simd", "internal/parallel"},
		modules: []string{"golang.org/x/sys"},
	},
	{
		path: "autodiff/optim", why: "knows vectors and gradients, not the graphs and pictures behind them",
		may:     []string{"simd", "internal/parallel", "internal/disk"},
		modules: []string{"golang.org/x/sys"}, // files are mapped
	},
	{
		path: "autodiff", why: "graph, gradient and plan; autodiff.Device is the seam behind which kernels are",
	},
	{
		path: "internal/disk", why: "asks the system how much room there is for files",
		modules: []string{"golang.org/x/sys"},
	},
	{
		path: "internal/neighbours", why: "compares vectors, whatever they are of",
		may: []string{"simd", "internal/parallel"},
	},
	{
		path: "simd", why: "kernels over slices; the caller splits the work, so they know no threads",
		modules: []string{"github.com/klauspost/cpuid/v2"},
	},
	{
		path: "internal/parallel", why: "runs numbered pieces of any work",
	},
	{
		path: "internal/licences", why: "the licences of everything that the program is made of: a text",
	},
	{
		path: "internal/nearest", why: "finds the names that a person may have meant",
	},
	{
		path: "internal/quote", why: "makes names and numbers fit for a message",
	},
}
