package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/autodiff"
	"oneiro/bench"
	"oneiro/internal/atomicfile"
	"oneiro/render"
	"oneiro/simd"
)

// maxRounds is the largest number of measurements of a result.
const maxRounds = 1_000_000

// benchOptions are the options of bench.
type benchOptions struct {
	workloads []string // patterns of names
	kernels   []string // names of tiers
	tiles     string   // as findTiles takes it
	threads   []int
	compare   []string // two contenders, or none
	rounds    int
	limit     float64 // seconds
	all       bool
	list      bool
	tune      bool
	json      bool
	csv       bool
	markdown  bool
	baseline  string // path
	plot      string // path
	given     *pflag.FlagSet
}

func newBench() *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this computer runs kernels, networks and whole runs",
		Long: `Measure how fast this computer runs kernels, networks and whole runs. No file is needed:
parameters are random.

Without options, the most informative workloads run for about a minute, with the best kernels on
all processors. GFLOP/s count the operations of direct convolution. Winograd convolution needs
fewer, so more than 100 % of the machine's peak is possible. GB/s count each operand and result
once.

The peaks are measured beside each group of workloads. Other programs that run at the same time
make all numbers worse and their peaks wrong: the load of the system is printed, and a warning
where it is high.

With --baseline, each result is compared with that of an earlier run: ratio is the new median over
the old, and p the probability that one and the same program differs from itself as much (Mann and
Whitney's test). A ~ marks a ratio with p of 0.05 or more, which says nothing.

With --compare, two kinds of kernels or two devices take turns. The ratio is the time of the first
over that of the second. The errors are the largest and the root mean square difference of their
results, relative to the root mean square of the first's. For gradients the largest error means
little: rounding decides on which side of a ReLU's kink a number is.

For a GPU, the operations and kernels that take the time are listed, by the GPU's own clock.

With --tune, the program measures from which picture size on the larger of two kinds of Winograd
tiles make convolutions faster on this processor. It keeps the table in a file in your cache
folder, and every command uses that from then on; pictures change by rounding. Remove the file to
undo it.`,
		Example: `  oneiro bench
  oneiro bench --all --json > results.jsonl
  oneiro bench --baseline results.jsonl --plot roofline.svg
  oneiro bench --workload 'conv3x3/*' --kernels avx2 --threads 1
  oneiro bench --workload 'vgg19/512/*' --compare avx2,avx512
  oneiro bench --compare cpu,cuda
  oneiro bench --tune`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags()
			if o.tune {
				return runTune(cmd.Context(), o, bench.TileCases, cmd.OutOrStdout())
			}
			return runBench(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.flags(fs)
	return cmd
}

func (o *benchOptions) flags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&o.workloads, "workload", nil,
		"`PATTERNS` of names, with commas between; * matches anything (default the quick ones)")
	fs.StringSliceVar(&o.kernels, "kernels", nil,
		"`KERNELS` to use: generic, avx2, avx512, neon (default the best; with --all, each)")
	fs.SetNormalizeFunc(oldFlagNames)
	tilesFlag(fs, &o.tiles)
	fs.IntSliceVar(&o.threads, "threads", nil,
		"`NUMBERS` of threads; 0 is one per processor (default 0; with --all, 1,0)")
	fs.StringSliceVar(&o.compare, "compare", nil,
		"two `KERNELS` or devices to compare: avx2,avx512 or cpu,cuda")
	fs.IntVar(&o.rounds, "rounds", 5, "`NUMBER` of measurements of each result; the median counts")
	fs.Float64Var(&o.limit, "limit", 10, "`SECONDS` after which no more rounds of a result begin")
	fs.BoolVar(&o.all, "all", false,
		"run every workload with every kind of kernels, on one thread and on all")
	fs.BoolVar(&o.list, "list", false, "print the names of the workloads and stop")
	fs.BoolVar(&o.tune, "tune", false,
		"measure which Winograd tiles suit this processor, and use them in all runs from then on")
	fs.BoolVar(&o.json, "json", false, "print a line of JSON for each result")
	fs.BoolVar(&o.csv, "csv", false, "print CSV")
	fs.BoolVar(&o.markdown, "markdown", false, "print a table in Markdown")
	fs.StringVar(&o.baseline, "baseline", "",
		"`FILE` of earlier results (--json) to compare with: adds the ratio of the medians, new over old")
	fs.StringVar(&o.plot, "plot", "", "also write a roofline plot to this `FILE`, .svg")
}

// oldFlagNames translates earlier names of flags.
func oldFlagNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if name == "simd" {
		name = "kernels"
	}
	return pflag.NormalizedName(name)
}

func runBench(ctx context.Context, o benchOptions, w, stderr io.Writer) error {
	workloads, err := o.chosen(bench.Workloads())
	if err != nil {
		return err
	}
	if o.list {
		for _, l := range workloads {
			fmt.Fprintln(w, l.Name)
		}
		return nil
	}
	if err := o.complete(); err != nil {
		return err
	}
	b := &benchRun{benchOptions: o, workloads: workloads, stderr: stderr}
	b.print = benchPrinter{w: w, format: o.format(), compared: o.baseline != ""}
	if o.baseline != "" {
		if b.old, err = readBaseline(o.baseline); err != nil {
			return err
		}
		if other := b.old.otherMachine(); other != "" {
			b.warn("the baseline was measured on another processor, %s", quote(other))
		}
	}
	if o.plot != "" {
		if err := atomicfile.Check(o.plot); err != nil {
			return err
		}
	}
	m := machine(0)
	b.print.note("%s, %s, oneiro %s", m.CPU, m.System, cmp.Or(m.Commit, "of an unknown commit"))
	for _, threads := range o.threads {
		if o.compare != nil {
			err = b.compare(ctx, threads)
		} else {
			err = b.measure(ctx, threads)
		}
		if err != nil {
			return err
		}
	}
	if busy := m.Load / float64(runtime.GOMAXPROCS(0)); busy > busyLoad {
		b.warn("the load was %.1f before anything was measured: other programs were using the processors", m.Load)
	}
	return b.writePlot(ctx)
}

func (o *benchOptions) effort() bench.Effort {
	return bench.Effort{Rounds: o.rounds, Limit: time.Duration(o.limit * float64(time.Second))}
}

// format is the one that the flags ask for.
func (o *benchOptions) format() string {
	switch {
	case o.json:
		return asJSON
	case o.csv:
		return asCSV
	case o.markdown:
		return asMarkdown
	}
	return asTable
}

// chosen returns the workloads that match the patterns, in the order of the list.
func (o *benchOptions) chosen(list []bench.Workload) ([]bench.Workload, error) {
	list = append([]bench.Workload{bench.Peak, bench.Bandwidth}, list...)
	if len(o.workloads) == 0 {
		quick := !o.all && !o.list
		return slices.DeleteFunc(list, func(l bench.Workload) bool { return quick && !l.Quick }), nil
	}
	names := map[string]bool{}
	for _, pattern := range o.workloads {
		matching, err := bench.Match(list, pattern)
		if errors.Is(err, path.ErrBadPattern) || err == nil && len(matching) == 0 {
			return nil, &usageError{"there is no workload " + quote(pattern), "oneiro bench --list prints the names"}
		}
		if err != nil {
			return nil, err
		}
		for _, l := range matching {
			names[l.Name] = true
		}
	}
	return slices.DeleteFunc(list, func(l bench.Workload) bool { return !names[l.Name] }), nil
}

// complete checks the options and fills in the defaults.
func (o *benchOptions) complete() error {
	switch {
	case o.rounds < 1 || o.rounds > maxRounds:
		return &usageError{fmt.Sprintf("--rounds must be 1 to %d, not %d", maxRounds, o.rounds),
			"for example: --rounds 5"}
	case !(o.limit >= 0 && o.limit < 1e6):
		return &usageError{fmt.Sprintf("--limit must be 0 or more and less than 1e6 seconds, not %g", o.limit),
			"for example: --limit 10"}
	case o.compare != nil && len(o.compare) != 2:
		problem := fmt.Sprintf("--compare takes two kinds of kernels or two devices, and %s is %d of them",
			quote(strings.Join(o.compare, ",")), len(o.compare))
		return &usageError{problem, "for example: --compare avx2,generic or cpu,cuda"}
	case o.json && o.csv || o.json && o.markdown || o.csv && o.markdown:
		return &usageError{"only one of --json, --csv and --markdown is possible", "choose one"}
	case len(o.compare) != 0 && (o.baseline != "" || o.plot != ""):
		return &usageError{"--baseline and --plot cannot be combined with --compare", "leave one out"}
	case o.plot != "" && !strings.HasSuffix(strings.ToLower(o.plot), ".svg"):
		return &usageError{"--plot writes SVG, and " + quote(o.plot) + " does not end in .svg",
			"for example: --plot roofline.svg"}
	case len(o.compare) != 0 && len(o.kernels) != 0:
		return &usageError{"--kernels cannot be combined with --compare", "leave it out"}
	}
	if len(o.kernels) == 0 {
		o.kernels = []string{simd.Best().Name}
		if o.all {
			o.kernels = nil
			for _, k := range simd.Available() {
				o.kernels = append(o.kernels, k.Name)
			}
		}
	}
	if len(o.threads) == 0 {
		o.threads = []int{0}
		if o.all {
			o.threads = []int{1, 0}
		}
	}
	all := slices.Clone(o.kernels)
	for _, name := range o.compare {
		_, kernels := contender(name)
		all = append(all, kernels)
	}
	for _, kernels := range all {
		if _, err := simd.Lookup(kernels); err != nil {
			return err
		}
		if _, err := findTiles(o.tiles, kernels); err != nil && !o.tune {
			return err
		}
	}
	for i, n := range o.threads {
		if n < 0 || n > maxThreads {
			return &usageError{fmt.Sprintf("--threads must be 1 to %d, or 0, not %d", maxThreads, n),
				"threads: threads to use; 0 is one for each processor"}
		}
		if n == 0 {
			o.threads[i] = runtime.GOMAXPROCS(0)
		}
	}
	o.threads = slices.Compact(o.threads)
	return nil
}

// opened is a workload on its own engine, so that workloads do not affect each other.
type opened struct {
	*bench.Instance
	engine *render.Engine
	tiles  tiles
}

// contender returns the device and the kernels that a name in --compare stands for. A device uses the best
// kernels; kernels alone run on the processor.
func contender(name string) (device, kernels string) {
	if _, _, err := autodiff.ParseDevice(name); err == nil {
		return name, simd.Best().Name
	}
	return "", name
}

// open opens a workload on a contender. The flag is that of tiles.
func open(l bench.Workload, name, flag string, threads int) (*opened, error) {
	device, kernels := contender(name)
	engine, tiles, err := newEngine(device, false, threads, kernels, flag)
	if err != nil {
		return nil, err
	}
	in, err := l.Open(engine)
	if err != nil {
		engine.Close()
		return nil, err
	}
	return &opened{in, engine, tiles}, nil
}

func (o *opened) close() error {
	defer o.engine.Close()
	return o.Close()
}
