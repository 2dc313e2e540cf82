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

// benchMachine says where and with what a result was measured.
type benchMachine struct {
	CPU     string `json:"cpu"`
	System  string `json:"system"`
	Commit  string `json:"commit"` // empty if it is not known
	Threads int    `json:"threads"`
}

func machine(threads int) benchMachine {
	return benchMachine{processor(), runtime.GOOS + "/" + runtime.GOARCH, cmp.Or(commit(), release), threads}
}

// benchResult is one line of bench. What is not known is left out.
type benchResult struct {
	Workload string `json:"workload"`
	Tier     string `json:"tier"`
	Tiles    string `json:"tiles"` // where the table comes from
	benchMachine
	Median float64      `json:"median_s"` // seconds of one run
	Spread float64      `json:"spread"`   // from the least to the largest, as a fraction of the median
	Rounds bench.Timing `json:"rounds_s"`
	FLOPs  float64      `json:"flops_per_s,omitempty"`
	Bytes  float64      `json:"bytes_per_s,omitempty"`
	// PeakShare is the rate as a fraction of the machine's.
	PeakShare float64 `json:"peak_share,omitempty"`
	// Memory is what the device takes. Resident is the most that the process has taken so far, which
	// also counts earlier results.
	Memory   int64 `json:"device_bytes,omitempty"`
	Resident int64 `json:"peak_rss_bytes,omitempty"`
}

// measure measures one workload by itself.
func measure(ctx context.Context, l bench.Workload, tier, tiles string, threads int, e bench.Effort) (r *benchResult, err error) {
	in, err := open(l, tier, tiles, threads)
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
		Workload: l.Name, Tier: tier, Tiles: in.tiles.source, benchMachine: machine(threads), Median: t.Median(), Spread: t.Spread(), Rounds: t,
		Memory: in.Footprint, Resident: peakMemory(),
	}
	switch l.Bound {
	case bench.ByArithmetic:
		r.FLOPs = in.FLOPs / r.Median
	case bench.ByMemory:
		r.Bytes = float64(in.Bytes) / r.Median
	}
	return r, nil
}

// peaks are what the machine can do at most, in operations and bytes a second; 0 where nobody asks.
type peaks struct{ flops, bytes float64 }

// measurePeaks measures the bounds of the workloads: the best of some rounds, with the best kernels.
func measurePeaks(ctx context.Context, list []bench.Workload, threads int) (p peaks, err error) {
	best := func(w bench.Workload) float64 {
		if err != nil || !slices.ContainsFunc(list, func(l bench.Workload) bool { return l.Bound == w.Bound }) {
			return 0
		}
		var r *benchResult
		if r, err = measure(ctx, w, simd.Best().Name, builtinTiles, threads, bench.Effort{Rounds: 10, Limit: 300 * time.Millisecond}); err != nil {
			return 0
		}
		return (r.FLOPs + r.Bytes) * r.Median / slices.Min(r.Rounds)
	}
	p = peaks{best(bench.Peak), best(bench.Bandwidth)}
	debug.FreeOSMemory() // so that it does not count as the workloads'
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
	Tiers   []string     `json:"tiers"`     // the two, or the two devices
	Tiles   []string     `json:"tiles"`     // where the table of each comes from
	Medians []float64    `json:"medians_s"` // of each, seconds of one run
	Ratio   float64      `json:"ratio"`     // median of the first's time over the second's in the same round
	Ratios  bench.Timing `json:"ratios"`
	// FLOPs are the rates of both, left out where nobody counted.
	FLOPs []float64 `json:"flops_per_s,omitempty"`
	// Cards are those among the two.
	Cards []benchCard `json:"cards,omitempty"`
	// Most and RMS are the errors of bench.Distance, null if they are not numbers.
	Most number `json:"max_error"`
	RMS  number `json:"rms_error"`
}

// benchCard is a card, and what took how long in one run by the card's own clock.
type benchCard struct {
	cardInfo
	Profile []autodiff.StepTime `json:"profile,omitempty"`
}

// compare measures one workload on two tiers or devices in turns.
func compare(ctx context.Context, l bench.Workload, tiers []string, tiles string, threads int, e bench.Effort) (c *benchComparison, err error) {
	var list []*bench.Instance
	var sources []string
	var engines []*render.Engine
	for _, tier := range tiers {
		in, err2 := open(l, tier, tiles, threads)
		if err2 != nil {
			return nil, err2
		}
		defer func() { err = errors.Join(err, in.close()) }()
		list, sources, engines = append(list, in.Instance), append(sources, in.tiles.source), append(engines, in.engine)
	}
	t, err := bench.Measure(ctx, list, e)
	if err != nil {
		return nil, err
	}
	ratios := bench.Ratios(t[0], t[1])
	most, rms := bench.Distance(list[0], list[1])
	c = &benchComparison{
		Workload: l.Name, benchMachine: machine(threads), Tiers: tiers, Tiles: sources, Medians: []float64{t[0].Median(), t[1].Median()},
		Ratio: ratios.Median(), Ratios: ratios, Most: number(most), RMS: number(rms),
	}
	if l.Bound == bench.ByArithmetic {
		c.FLOPs = []float64{list[0].FLOPs / c.Medians[0], list[1].FLOPs / c.Medians[1]}
	}
	for i, name := range tiers {
		if d, ok := engines[i].Device.(cuda.Device); ok {
			_, index, _ := autodiff.ParseDevice(name)
			card := benchCard{cardInfo: describeCard(index, d.Info())}
			if list[i].Profile != nil {
				if card.Profile, err = list[i].Profile(ctx); err != nil {
					return nil, err
				}
			}
			c.Cards = append(c.Cards, card)
		}
	}
	return c, nil
}
