package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"oneiro/bench"
	"oneiro/internal/atomicfile"
	"oneiro/internal/chart"
)

const (
	// busyLoad is the load of each processor above which others are using it.
	busyLoad = 0.5
	// mostOfPeak is a share of the peak that no kernel can reach: Winograd with tiles of 6x6 saves at most a
	// factor of 5.06, and its transforms take time too.
	mostOfPeak = 4.5
)

// benchRun is one call of bench.
type benchRun struct {
	benchOptions
	workloads []bench.Workload
	print     benchPrinter
	stderr    io.Writer
	old       baseline
	// roof and results are those of the plot: the highest peaks, and everything that was measured.
	roof    peaks
	results []*benchResult
}

func (b *benchRun) warn(format string, args ...any) {
	printWarning(b.stderr, fmt.Sprintf(format, args...))
}

// compare measures all workloads on the two contenders.
func (b *benchRun) compare(ctx context.Context, threads int) error {
	for _, l := range b.workloads {
		isPeak := l.Name == bench.Peak.Name || l.Name == bench.Bandwidth.Name
		if isPeak && slices.ContainsFunc(b.benchOptions.compare, isGPU) {
			continue
		}
		c, err := compare(ctx, l, b.benchOptions.compare, b.tiles, threads, b.effort())
		if err != nil {
			return err
		}
		if err := b.print.result(c); err != nil {
			return err
		}
	}
	return nil
}

// measure measures all workloads with all kernels. The peaks are measured anew before each group, since load
// and clock change.
func (b *benchRun) measure(ctx context.Context, threads int) error {
	for _, kernels := range b.kernels {
		for group, workloads := range groups(b.workloads) {
			p, err := measurePeaks(ctx, workloads, threads)
			if err != nil {
				return err
			}
			b.roof.flops, b.roof.bytes = max(b.roof.flops, p.flops), max(b.roof.bytes, p.bytes)
			b.print.note("%s, %d threads: %s%s", group, threads, p, conditions())
			for _, l := range workloads {
				r, err := measure(ctx, l, kernels, b.tiles, threads, b.effort())
				if err != nil {
					return err
				}
				r.PeakShare = p.share(l.Bound, r)
				r.Baseline = b.old.change(r)
				b.results = append(b.results, r)
				if err := b.print.result(r); err != nil {
					return err
				}
				if l.Bound == bench.ByArithmetic && r.PeakShare > mostOfPeak {
					b.warn("%s: %s of the peak is not possible: "+
						"something slowed the machine down while the peak was measured", l.Name, percent(r.PeakShare))
				}
			}
		}
	}
	return nil
}

// groups yields runs of workloads with the same first part of their name.
func groups(list []bench.Workload) func(yield func(string, []bench.Workload) bool) {
	return func(yield func(string, []bench.Workload) bool) {
		for len(list) > 0 {
			group, _, _ := strings.Cut(list[0].Name, "/")
			n := slices.IndexFunc(list, func(l bench.Workload) bool { return !strings.HasPrefix(l.Name, group+"/") })
			if n < 0 {
				n = len(list)
			}
			if !yield(group, list[:n]) {
				return
			}
			list = list[n:]
		}
	}
}

// conditions describes what else affects results, as far as the system says.
func conditions() string {
	text := ""
	if v := load(); v > 0 {
		text += fmt.Sprintf(", load %.1f", v)
	}
	if v := clock(); v > 0 {
		text += fmt.Sprintf(", %.0f MHz", v)
	}
	return text
}

// String names the peaks that were measured.
func (p peaks) String() string {
	var parts []string
	if p.flops > 0 {
		parts = append(parts, fmt.Sprintf("peak %.1f GFLOP/s", p.flops/1e9))
	}
	if p.bytes > 0 {
		parts = append(parts, fmt.Sprintf("copy %.1f GB/s", p.bytes/1e9))
	}
	if parts == nil {
		return "no single bound"
	}
	return strings.Join(parts, ", ")
}

// writePlot writes the roofline plot if one is wanted.
func (b *benchRun) writePlot(ctx context.Context) error {
	if b.plot == "" {
		return nil
	}
	if b.roof.flops == 0 || b.roof.bytes == 0 {
		p, err := measurePeaks(ctx, []bench.Workload{bench.Peak, bench.Bandwidth}, b.threads[0])
		if err != nil {
			return err
		}
		b.roof = p
	}
	plot := chart.Roofline{
		Title: fmt.Sprintf("%s, %s", processor(), strings.Join(b.kernels, ", ")),
		FLOPs: b.roof.flops, Bytes: b.roof.bytes,
	}
	for _, r := range b.results {
		if r.Intensity == 0 {
			continue
		}
		plot.Works = append(plot.Works, chart.Work{Name: r.Workload, Intensity: r.Intensity, FLOPs: r.FLOPs})
	}
	return atomicfile.Write(b.plot, func(w io.Writer) error {
		_, err := io.WriteString(w, plot.SVG())
		return err
	})
}
