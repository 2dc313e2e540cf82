package main

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"oneiro/autodiff"
	"oneiro/bench"
	"oneiro/cuda"
	"oneiro/render"
	"oneiro/simd"
)

// benchMachine is where and with what a result was measured.
type benchMachine struct {
	CPU     string `json:"cpu"`
	System  string `json:"system"`
	Commit  string `json:"commit"` // or the release; empty if unknown
	Threads int    `json:"threads"`
	// Load is the system's over the last minute, Clock the processor's in MHz; 0 if unknown.
	Load  float64 `json:"load,omitempty"`
	Clock float64 `json:"clock_mhz,omitempty"`
}

func machine(threads int) benchMachine {
	return benchMachine{processor(), runtime.GOOS + "/" + runtime.GOARCH, cmp.Or(commit(), release), threads,
		load(), clock()}
}

// benchResult is one line of bench. Fields that are unknown are left out.
type benchResult struct {
	Workload string `json:"workload"`
	Kernels  string `json:"kernels"`
	Winograd string `json:"winograd"` // source of the table
	benchMachine
	Median float64      `json:"median_s"` // seconds of one run
	Spread float64      `json:"spread"`   // from the smallest to the largest, as a fraction of the median
	Rounds bench.Timing `json:"rounds_s"`
	FLOPs  float64      `json:"flops_per_s,omitempty"`
	Bytes  float64      `json:"bytes_per_s,omitempty"`
	// PeakShare is the rate as a fraction of the machine's peak.
	PeakShare float64 `json:"peak_share,omitempty"`
	// Intensity is operations per byte of operands and results.
	Intensity float64 `json:"flops_per_byte,omitempty"`
	// Baseline compares with an earlier result.
	Baseline *benchChange `json:"baseline,omitempty"`
	// Memory is the device's. Resident is the peak of the process so far, earlier results included.
	Memory   int64 `json:"device_bytes,omitempty"`
	Resident int64 `json:"peak_rss_bytes,omitempty"`
}

// measure measures one workload.
func measure(ctx context.Context, l bench.Workload, kernels, tiles string, threads int,
	e bench.Effort) (r *benchResult, err error) {
	in, err := open(l, kernels, tiles, threads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	timings, err := bench.Measure(ctx, []*bench.Instance{in.Instance}, e)
	if err != nil {
		return nil, err
	}
	t := timings[0]
	r = &benchResult{
		Workload: l.Name, Kernels: kernels, Winograd: in.tiles.source, benchMachine: machine(threads),
		Median: t.Median(), Spread: t.Spread(), Rounds: t, Memory: in.Footprint, Resident: peakMemory(),
	}
	if in.FLOPs > 0 && in.Bytes > 0 {
		r.Intensity = in.FLOPs / float64(in.Bytes)
	}
	switch l.Bound {
	case bench.ByArithmetic:
		r.FLOPs = in.FLOPs / r.Median
	case bench.ByMemory:
		r.Bytes = float64(in.Bytes) / r.Median
	}
	return r, nil
}

// peaks are the highest rates of the machine, in operations and bytes per second; 0 if not measured.
type peaks struct{ flops, bytes float64 }

// measurePeaks measures the rates that limit the workloads: the best of several rounds with the best kernels.
func measurePeaks(ctx context.Context, list []bench.Workload, threads int) (p peaks, err error) {
	best := func(w bench.Workload) float64 {
		if err != nil || !slices.ContainsFunc(list, func(l bench.Workload) bool { return l.Bound == w.Bound }) {
			return 0
		}
		var r *benchResult
		effort := bench.Effort{Rounds: 10, Limit: 300 * time.Millisecond}
		if r, err = measure(ctx, w, simd.Best().Name, builtinTiles, threads, effort); err != nil {
			return 0
		}
		return (r.FLOPs + r.Bytes) * r.Median / slices.Min(r.Rounds)
	}
	p = peaks{best(bench.Peak), best(bench.Bandwidth)}
	debug.FreeOSMemory() // or it would count as memory of the workloads
	return p, err
}

func (p peaks) share(b bench.Bound, r *benchResult) float64 {
	switch b {
	case bench.ByArithmetic:
		return r.FLOPs / p.flops
	case bench.ByMemory:
		return r.Bytes / p.bytes
	}
	return 0
}

// benchComparison is one line of bench --compare.
type benchComparison struct {
	Workload string `json:"workload"`
	benchMachine
	Contenders []string     `json:"contenders"` // names of kernels or devices
	Winograd   []string     `json:"winograd"`   // source of each table
	Medians    []float64    `json:"medians_s"`  // of each, seconds of one run
	Ratio      float64      `json:"ratio"`      // median of first time over second in the same round
	Ratios     bench.Timing `json:"ratios"`
	// FLOPs are both rates in operations per second, if known.
	FLOPs []float64 `json:"flops_per_s,omitempty"`
	// GPUs are those among the two.
	GPUs []benchGPU `json:"cards,omitempty"`
	// Most and RMS are the errors of bench.Distance, null if they are NaN.
	Most number `json:"max_error"`
	RMS  number `json:"rms_error"`
}

// benchGPU is a GPU and the profile of one run, by its own clock.
type benchGPU struct {
	gpuInfo
	Profile []autodiff.StepTime `json:"profile,omitempty"`
}

// compare measures one workload on two contenders in turns.
func compare(ctx context.Context, l bench.Workload, contenders []string, tiles string, threads int,
	e bench.Effort) (c *benchComparison, err error) {
	var list []*bench.Instance
	var sources []string
	var engines []*render.Engine
	for _, name := range contenders {
		in, err2 := open(l, name, tiles, threads)
		if err2 != nil {
			return nil, err2
		}
		defer func() { err = errors.Join(err, in.close()) }()
		list, engines = append(list, in.Instance), append(engines, in.engine)
		sources = append(sources, in.tiles.source)
	}
	t, err := bench.Measure(ctx, list, e)
	if err != nil {
		return nil, err
	}
	ratios := bench.Ratios(t[0], t[1])
	most, rms := bench.Distance(list[0], list[1])
	c = &benchComparison{
		Workload: l.Name, benchMachine: machine(threads), Contenders: contenders, Winograd: sources,
		Medians: []float64{t[0].Median(), t[1].Median()}, Ratio: ratios.Median(), Ratios: ratios,
		Most: number(most), RMS: number(rms),
	}
	if l.Bound == bench.ByArithmetic {
		c.FLOPs = []float64{list[0].FLOPs / c.Medians[0], list[1].FLOPs / c.Medians[1]}
	}
	for i, name := range contenders {
		if d, ok := engines[i].Device.(cuda.Device); ok {
			_, index, _ := autodiff.ParseDevice(name)
			gpu := benchGPU{gpuInfo: describeGPU(index, d.Info())}
			if list[i].Profile != nil {
				if gpu.Profile, err = list[i].Profile(ctx); err != nil {
					return nil, err
				}
			}
			c.GPUs = append(c.GPUs, gpu)
		}
	}
	return c, nil
}
