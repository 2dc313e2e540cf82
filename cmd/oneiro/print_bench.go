package main

import (
	"fmt"
	"io"
	"slices"
)

// printer returns a function that writes one result, as JSON or as a row of a table. Rows are written as
// results come, so that columns have a fixed width.
func printer(w io.Writer, json bool) func(result any) error {
	if json {
		return func(result any) error { return writeLine(w, result) }
	}
	began := false
	head := func(format string, titles ...any) {
		if !began {
			fmt.Fprintf(w, format, titles...)
		}
		began = true
	}
	return func(result any) (err error) {
		switch r := result.(type) {
		case *benchResult:
			const columns = "%-30s %-8s %7s %10s %7s %9s %9s %8s %11s\n"
			head(columns, "workload", "kernels", "threads", "median ms", "spread", "GFLOP/s", "GB/s",
				"of peak", "memory")
			memory := "-"
			if r.Memory > 0 {
				memory = mib(r.Memory)
			}
			_, err = fmt.Fprintf(w, columns, r.Workload, r.Kernels, fmt.Sprint(r.Threads),
				milliseconds(r.Median), percent(r.Spread), billions(r.FLOPs), billions(r.Bytes),
				orDash(r.PeakShare, percent), memory)
		case *benchComparison:
			if len(r.GPUs) > 0 {
				return printGPUs(w, r)
			}
			const columns = "%-30s %7s %12s %12s %7s %15s %10s %10s\n"
			head(columns, "workload", "threads", r.Contenders[0]+" ms", r.Contenders[1]+" ms", "ratio", "range",
				"max error", "rms error")
			_, err = fmt.Fprintf(w, columns, r.Workload, fmt.Sprint(r.Threads),
				milliseconds(r.Medians[0]), milliseconds(r.Medians[1]), fmt.Sprintf("%.3f", r.Ratio),
				fmt.Sprintf("%.3f to %.3f", slices.Min(r.Ratios), slices.Max(r.Ratios)),
				fmt.Sprintf("%.2g", r.Most), fmt.Sprintf("%.2g", r.RMS))
		}
		return err
	}
}

// printGPUs prints a comparison with a GPU, as a table of its own.
func printGPUs(w io.Writer, r *benchComparison) error {
	fmt.Fprintf(w, "%s: %s takes %.3f times as long as %s (%.3f to %.3f), max error %.2g, rms error %.2g\n",
		r.Workload, r.Contenders[0], r.Ratio, r.Contenders[1],
		slices.Min(r.Ratios), slices.Max(r.Ratios), r.Most, r.RMS)
	t := newTable(w)
	row(t, "", "", "ms", "GFLOP/s", "of peak")
	for i, name := range r.Contenders {
		var flops float64
		if r.FLOPs != nil {
			flops = r.FLOPs[i]
		}
		row(t, "  "+name, "", milliseconds(r.Medians[i]), billions(flops), "")
	}
	for _, gpu := range r.GPUs {
		row(t, "  in "+gpu.Device+":", "", "", "", "")
		for _, op := range gpu.Profile {
			rate, share := op.FLOPs/op.Seconds, 0.0
			if gpu.Peak > 0 {
				share = rate / gpu.Peak
			}
			row(t, "    "+op.Op, fmt.Sprint(op.Steps, " steps"), milliseconds(op.Seconds), billions(rate),
				orDash(share, percent))
			for _, k := range op.Kernels {
				row(t, "      "+k.Kernel, fmt.Sprint(k.Launches, " launches"), milliseconds(k.Seconds), "", "")
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func milliseconds(s float64) string { return fmt.Sprintf("%.3f", 1e3*s) }

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func billions(n float64) string {
	return orDash(n, func(n float64) string { return fmt.Sprintf("%.1f", n/1e9) })
}

// orDash returns a dash for 0, which stands for unknown.
func orDash(n float64, print func(float64) string) string {
	if n == 0 {
		return "-"
	}
	return print(n)
}
