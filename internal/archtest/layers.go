package archtest

// row is a package, or with "/..." behind it a folder of them, and what it may import. Rows stand in
// the order of the house, the roof first: a package may only import what stands below it.
type row struct {
	path string
	why  string // what it is there for; what it may not import follows from that
	may  []string
	// modules are the modules of other people whose packages it may import.
	modules []string
	// testing marks packages that are there for tests: only tests import them, and only they may
	// import the standard library's testing.
	testing bool
}

// below stands for every package further down.
var below = []string{"..."}

// everybody lists what any package may import, wherever it stands.
var everybody = []string{"internal/nearest"}

var house = []row{
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
			"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/schollz/progressbar/v3",
			"golang.org/x/term", "golang.org/x/sys", "github.com/klauspost/cpuid/v2", "gonum.org/v1/plot",
		},
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
		path: "train", why: "makes a network's parameters from pictures with labels and a teacher; it knows no canvas and no pipeline",
		may: []string{
			"nn", "weights", "internal/imageio", "train/motif", "autodiff", "autodiff/optim", "internal/parallel",
		},
	},
	{
		path: "render", why: "the pipelines; it gets parameters through nn.Params and need not know where they come from",
		may: []string{
			"loss", "nn", "internal/imageio", "autodiff", "autodiff/cpu", "autodiff/optim", "cuda", "simd", "internal/parallel",
		},
		modules: []string{"golang.org/x/sys", "gonum.org/v1/gonum"},
	},
	{
		path: "internal/sheet", why: "lays pictures out on one, with labels; whatever they are of",
		may: []string{"internal/imageio"}, modules: []string{"golang.org/x/image"},
	},
	{
		path: "internal/sample", why: "draws the built-in pictures; they are pictures like others, with no network behind them",
		may: []string{"internal/imageio"},
	},
	{
		path: "train/motif", why: "draws what the built-in network learns from, and knows no network",
		modules: []string{"golang.org/x/image"},
	},
	{
		path: "internal/imageio", why: "turns picture files into arrays and back, and knows nothing of what is done with them",
		modules: []string{"golang.org/x/image", "github.com/bep/imagemeta"},
	},
	{
		path: "loss", why: "the terms of an objective are graph over a network's layers, whatever device runs it",
		may: []string{"nn", "autodiff"},
	},
	{
		path: "nn", why: "networks as data and as graph; where parameters come from is behind nn.Params, so that it and weights do not know each other",
		may: []string{"autodiff"},
	},
	{
		path: "weights", why: "files of parameters; which network wants them is behind names and shapes, so that it and nn do not know each other",
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
		may: []string{"simd", "internal/parallel"},
	},
	{
		path: "autodiff", why: "graph, gradient and plan; autodiff.Device is the seam behind which kernels are",
	},
	{
		path: "simd", why: "kernels over slices; the caller splits the work, so they know no threads",
		modules: []string{"github.com/klauspost/cpuid/v2"},
	},
	{
		path: "internal/parallel", why: "runs numbered pieces of any work",
	},
	{
		path: "internal/nearest", why: "finds the names that a person may have meant: a leaf that everybody may use",
	},
}
