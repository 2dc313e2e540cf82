package main

import (
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
	"oneiro/render"
	"oneiro/simd"
)

// benchOptions are what the command line of bench says.
type benchOptions struct {
	workloads []string // patterns of names
	tiers     []string
	tiles     string // as findTiles takes it
	threads   []int
	compare   []string // two contenders, or none
	rounds    int
	limit     float64 // seconds
	all       bool
	list      bool
	tune      bool
	json      bool
	given     *pflag.FlagSet
}

func newBench() *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this computer runs kernels, networks and whole runs",
		Long: `Measure how fast this computer runs kernels, networks and whole runs. No file is needed:
parameters are random.

Without options, the workloads that tell most in a minute are run with the best kernels on
all processors. GFLOP/s count convolutions as by the direct method; Winograd's needs less, so
that more than 100 % of the machine's peak is possible. GB/s count what has to be read and
written once.

With --compare, two kinds of kernels or two devices take turns: the ratio says how many times as
long the first takes as the second, and the errors how far their results are from each other at most and
in the root mean square, relative to the root mean square of the first's. In gradients, the
largest error tells little: rounding decides which side of a ReLU's kink a number lies on.

Of a card it is also told which operations and kernels take the time, by its own clock.

With --tune, it is measured from which size of pictures on the larger of two kinds of tiles make
convolutions faster on this processor. The table goes into a file of your cache folder, which
every command uses from then on; pictures change by rounding. Remove the file to undo it.`,
		Example: `  oneiro bench
  oneiro bench --all --json > results.jsonl
  oneiro bench --workload 'conv3x3/*' --simd avx2 --threads 1
  oneiro bench --workload 'vgg19/512/*' --compare avx2,avx512
  oneiro bench --compare cpu,cuda
  oneiro bench --tune`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags()
			if o.tune {
				return runTune(cmd.Context(), o, bench.TileCases, cmd.OutOrStdout())
			}
			return runBench(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.flags(fs)
	return cmd
}

func (o *benchOptions) flags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&o.workloads, "workload", nil, "`PATTERNS` of names, with commas between: * is anything (default the quick ones)")
	fs.StringSliceVar(&o.tiers, "simd", nil, "`KERNELS` to use: generic, avx2, avx512, neon (default the best; with --all, each)")
	tilesFlag(fs, &o.tiles)
	fs.IntSliceVar(&o.threads, "threads", nil, "`NUMBERS` of threads; 0 is one for each processor (default 0; with --all, 1,0)")
	fs.StringSliceVar(&o.compare, "compare", nil, "two `KERNELS` or devices that take turns: avx2,avx512 or cpu,cuda")
	fs.IntVar(&o.rounds, "rounds", 5, "`NUMBER` of times that each result is measured; the median counts")
	fs.Float64Var(&o.limit, "limit", 10, "`SECONDS` after which a result gets no more rounds")
	fs.BoolVar(&o.all, "all", false, "every workload with every kind of kernels on one thread and on all")
	fs.BoolVar(&o.list, "list", false, "print the names of the workloads and stop")
	fs.BoolVar(&o.tune, "tune", false, "measure which tiles suit Winograd convolutions here, and keep that for all runs from then on")
	fs.BoolVar(&o.json, "json", false, "print a line of JSON for each result")
}

func runBench(ctx context.Context, o benchOptions, w io.Writer) error {
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
	if slices.ContainsFunc(o.compare, isCard) {
		workloads = slices.DeleteFunc(workloads, func(l bench.Workload) bool { return l.Name == bench.Peak.Name || l.Name == bench.Bandwidth.Name })
	}
	print := printer(w, o.json)
	effort := o.effort()
	for _, threads := range o.threads {
		if o.compare != nil {
			for _, l := range workloads {
				c, err := compare(ctx, l, o.compare, o.tiles, threads, effort)
				if err != nil {
					return err
				}
				if err := print(c); err != nil {
					return err
				}
			}
			continue
		}
		peaks, err := measurePeaks(ctx, workloads, threads)
		if err != nil {
			return err
		}
		for _, tier := range o.tiers {
			for _, l := range workloads {
				r, err := measure(ctx, l, tier, o.tiles, threads, effort)
				if err != nil {
					return err
				}
				r.PeakShare = peaks.share(l.Bound, r)
				if err := print(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (o *benchOptions) effort() bench.Effort {
	return bench.Effort{Rounds: o.rounds, Limit: time.Duration(o.limit * float64(time.Second))}
}

// chosen returns the workloads of the patterns, in the order of the list.
func (o *benchOptions) chosen(list []bench.Workload) ([]bench.Workload, error) {
	list = append([]bench.Workload{bench.Peak, bench.Bandwidth}, list...)
	if len(o.workloads) == 0 {
		return slices.DeleteFunc(list, func(l bench.Workload) bool { return !o.all && !o.list && !l.Quick }), nil
	}
	names := map[string]bool{}
	for _, pattern := range o.workloads {
		matching, err := bench.Match(list, pattern)
		if errors.Is(err, path.ErrBadPattern) || err == nil && len(matching) == 0 {
			return nil, &usageError{"workload: there is none called " + quote(pattern), "oneiro bench --list prints their names"}
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

// complete checks the options and puts the defaults in.
func (o *benchOptions) complete() error {
	switch {
	case o.rounds < 1:
		return &usageError{fmt.Sprintf("rounds: %d is not possible", o.rounds), "choose 1 or more"}
	case !(o.limit >= 0 && o.limit < 1e6):
		return &usageError{fmt.Sprintf("limit: %g seconds is not possible", o.limit), "choose 0 or more"}
	case len(o.compare) != 0 && len(o.compare) != 2:
		return &usageError{"compare: " + quote(strings.Join(o.compare, ",")) + " are not two kinds of kernels or devices", "for example: --compare avx2,generic or cpu,cuda"}
	case len(o.compare) != 0 && len(o.tiers) != 0:
		return &usageError{"--simd means nothing with --compare", "leave it out"}
	}
	if len(o.tiers) == 0 {
		o.tiers = []string{simd.Best().Name}
		if o.all {
			o.tiers = nil
			for _, k := range simd.Available() {
				o.tiers = append(o.tiers, k.Name)
			}
		}
	}
	if len(o.threads) == 0 {
		o.threads = []int{0}
		if o.all {
			o.threads = []int{1, 0}
		}
	}
	tiers := slices.Clone(o.tiers)
	for _, name := range o.compare {
		_, tier := contender(name)
		tiers = append(tiers, tier)
	}
	for _, tier := range tiers {
		if _, err := simd.Lookup(tier); err != nil {
			return err
		}
		if _, err := findTiles(o.tiles, tier); err != nil && !o.tune {
			return err
		}
	}
	for i, n := range o.threads {
		if n < 0 {
			return &usageError{fmt.Sprintf("threads: %d is not possible", n), "choose 1 or more, or 0 for all processors"}
		}
		if n == 0 {
			o.threads[i] = runtime.GOMAXPROCS(0)
		}
	}
	o.threads = slices.Compact(o.threads)
	return nil
}

// opened is a workload on an engine of its own, so that no workload pays for what another one left.
type opened struct {
	*bench.Instance
	engine *render.Engine
	tiles  tiles
}

// contender returns the device and the tier that a side of --compare stands for: a device has the best
// kernels, kernels are those of the processor.
func contender(name string) (device, tier string) {
	if _, _, err := autodiff.ParseDevice(name); err == nil {
		return name, simd.Best().Name
	}
	return "", name
}

func isCard(name string) bool {
	kind, _, err := autodiff.ParseDevice(name)
	return err == nil && kind != "cpu"
}

// open opens a workload on a contender.
func open(l bench.Workload, name, flag string, threads int) (*opened, error) {
	device, tier := contender(name)
	engine, tiles, err := newEngine(device, false, threads, tier, flag)
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
