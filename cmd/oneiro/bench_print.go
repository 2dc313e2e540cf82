package main

import (
	"fmt"
	"io"
	"slices"
)

// printer returns a function that writes each result as soon as it is there: as JSON, or as a row of a
// table, whose columns are therefore of fixed width.
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
			head(columns, "workload", "kernels", "threads", "median ms", "spread", "GFLOP/s", "GB/s", "of peak", "memory")
			memory := "-"
			if r.Memory > 0 {
				memory = mib(r.Memory)
			}
			_, err = fmt.Fprintf(w, columns, r.Workload, r.Tier, fmt.Sprint(r.Threads), milliseconds(r.Median), percent(r.Spread),
				billions(r.FLOPs), billions(r.Bytes), orDash(r.PeakShare, percent), memory)
		case *benchComparison:
			const columns = "%-30s %7s %12s %12s %7s %15s %10s %10s\n"
			head(columns, "workload", "threads", r.Tiers[0]+" ms", r.Tiers[1]+" ms", "ratio", "range", "max error", "rms error")
			_, err = fmt.Fprintf(w, columns, r.Workload, fmt.Sprint(r.Threads), milliseconds(r.Medians[0]), milliseconds(r.Medians[1]),
				fmt.Sprintf("%.3f", r.Ratio), fmt.Sprintf("%.3f to %.3f", slices.Min(r.Ratios), slices.Max(r.Ratios)), fmt.Sprintf("%.2g", r.Most), fmt.Sprintf("%.2g", r.RMS))
		}
		return err
	}
}

func milliseconds(s float64) string { return fmt.Sprintf("%.3f", 1e3*s) }

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func billions(n float64) string {
	return orDash(n, func(n float64) string { return fmt.Sprintf("%.1f", n/1e9) })
}

// orDash returns a dash for what is not known.
func orDash(n float64, print func(float64) string) string {
	if n == 0 {
		return "-"
	}
	return print(n)
}
