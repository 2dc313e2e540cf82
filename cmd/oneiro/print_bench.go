package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The formats in which bench prints.
const (
	asTable    = "table"
	asJSON     = "json"
	asCSV      = "csv"
	asMarkdown = "markdown"
)

// column is a column of a table of results.
type column[T any] struct {
	title string // for people
	key   string // in CSV
	width int    // negative: to the left
	text  func(r T) string
	raw   func(r T) any // for CSV; nil where text will do
}

// resultColumns are the columns of bench, with those of a baseline if there is one.
func resultColumns(compared bool) []column[*benchResult] {
	rate := func(v float64) any {
		if v == 0 {
			return ""
		}
		return v
	}
	columns := []column[*benchResult]{
		{"workload", "workload", -30, func(r *benchResult) string { return r.Workload }, nil},
		{"kernels", "kernels", -8, func(r *benchResult) string { return r.Kernels }, nil},
		{"threads", "threads", 7, func(r *benchResult) string { return fmt.Sprint(r.Threads) }, nil},
		{"median ms", "median_s", 10, func(r *benchResult) string { return milliseconds(r.Median) },
			func(r *benchResult) any { return r.Median }},
		{"spread", "spread", 7, func(r *benchResult) string { return percent(r.Spread) },
			func(r *benchResult) any { return r.Spread }},
		{"GFLOP/s", "flops_per_s", 9, func(r *benchResult) string { return billions(r.FLOPs) },
			func(r *benchResult) any { return rate(r.FLOPs) }},
		{"GB/s", "bytes_per_s", 9, func(r *benchResult) string { return billions(r.Bytes) },
			func(r *benchResult) any { return rate(r.Bytes) }},
		{"of peak", "peak_share", 8, func(r *benchResult) string { return orDash(r.PeakShare, percent) },
			func(r *benchResult) any { return rate(r.PeakShare) }},
		{"memory", "device_bytes", 11, func(r *benchResult) string {
			if r.Memory == 0 {
				return "-"
			}
			return mib(r.Memory)
		}, func(r *benchResult) any { return rate(float64(r.Memory)) }},
	}
	if !compared {
		return columns
	}
	change := func(of func(*benchChange) float64) func(r *benchResult) any {
		return func(r *benchResult) any {
			if r.Baseline == nil {
				return ""
			}
			return of(r.Baseline)
		}
	}
	return append(columns,
		column[*benchResult]{"ratio", "baseline_ratio", 9, func(r *benchResult) string { return r.Baseline.String() },
			change(func(c *benchChange) float64 { return c.Ratio })},
		column[*benchResult]{"p", "baseline_p", 7, func(r *benchResult) string {
			if r.Baseline == nil {
				return "-"
			}
			return fmt.Sprintf("%.3f", r.Baseline.P)
		}, change(func(c *benchChange) float64 { return c.P })})
}

// comparisonColumns are the columns of bench --compare.
func comparisonColumns(contenders []string) []column[*benchComparison] {
	var columns []column[*benchComparison]
	add := func(title, key string, width int, text func(r *benchComparison) string, raw func(r *benchComparison) any) {
		columns = append(columns, column[*benchComparison]{title, key, width, text, raw})
	}
	add("workload", "workload", -30, func(r *benchComparison) string { return r.Workload }, nil)
	add("threads", "threads", 7, func(r *benchComparison) string { return fmt.Sprint(r.Threads) }, nil)
	for i, name := range contenders {
		add(name+" ms", name+"_median_s", 12, func(r *benchComparison) string { return milliseconds(r.Medians[i]) },
			func(r *benchComparison) any { return r.Medians[i] })
	}
	add("ratio", "ratio", 7, func(r *benchComparison) string { return fmt.Sprintf("%.3f", r.Ratio) },
		func(r *benchComparison) any { return r.Ratio })
	add("range", "range", 15, func(r *benchComparison) string {
		return fmt.Sprintf("%.3f to %.3f", slices.Min(r.Ratios), slices.Max(r.Ratios))
	}, nil)
	add("max error", "max_error", 10, func(r *benchComparison) string { return fmt.Sprintf("%.2g", r.Most) }, nil)
	add("rms error", "rms_error", 10, func(r *benchComparison) string { return fmt.Sprintf("%.2g", r.RMS) }, nil)
	return columns
}

// benchPrinter prints results as they come, in one format.
type benchPrinter struct {
	w        io.Writer
	format   string
	compared bool // with a baseline
	began    bool
	notes    []string // before the next row
}

// note is printed before the next row, where the format has room for it.
func (p *benchPrinter) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (p *benchPrinter) flushNotes() {
	for _, text := range p.notes {
		switch {
		case p.format == asTable:
			fmt.Fprintln(p.w, "# "+text)
		case p.format == asMarkdown && !p.began:
			fmt.Fprintf(p.w, "%s\n\n", text)
		}
	}
	p.notes = nil
}

// result prints a *benchResult or a *benchComparison.
func (p *benchPrinter) result(result any) error {
	if p.format == asJSON {
		return writeLine(p.w, result)
	}
	switch r := result.(type) {
	case *benchResult:
		return printRow(p, resultColumns(p.compared), r)
	case *benchComparison:
		if len(r.GPUs) > 0 {
			return printGPUs(p.w, r)
		}
		return printRow(p, comparisonColumns(r.Contenders), r)
	}
	return nil
}

// printRow prints a row, before the first also the titles. Rows are written as results come, so the columns
// of a table have fixed widths.
func printRow[T any](p *benchPrinter, columns []column[T], r T) error {
	titles, cells := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		titles[i], cells[i] = c.title, c.text(r)
		if p.format == asCSV {
			if titles[i] = c.key; c.raw != nil {
				cells[i] = fmt.Sprint(c.raw(r))
			}
		}
	}
	var write func(cells []string) error
	switch p.format {
	case asCSV:
		write = func(cells []string) error {
			w := csv.NewWriter(p.w)
			if err := w.Write(cells); err != nil {
				return err
			}
			w.Flush()
			return w.Error()
		}
	case asMarkdown:
		write = func(cells []string) error {
			_, err := fmt.Fprintln(p.w, "| "+strings.Join(cells, " | ")+" |")
			return err
		}
	default:
		write = func(cells []string) error {
			for i, c := range columns {
				cells[i] = fmt.Sprintf("%*s", c.width, cells[i])
			}
			_, err := fmt.Fprintln(p.w, strings.TrimRight(strings.Join(cells, " "), " "))
			return err
		}
	}
	p.flushNotes()
	if !p.began {
		if err := write(titles); err != nil {
			return err
		}
		if p.format == asMarkdown {
			rule := make([]string, len(columns))
			for i, c := range columns {
				if rule[i] = "---:"; c.width < 0 {
					rule[i] = ":---"
				}
			}
			if err := write(rule); err != nil {
				return err
			}
		}
		p.began = true
	}
	return write(cells)
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
