package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/render"
)

// TileCase is a pair of convolutions that tiles are measured with, both from Channels to Channels: one of a
// picture of Small x Small pixels and one of Large x Large. Both sides are multiples of 12, so that tiles
// of 4 and of 6 cover them exactly.
type TileCase struct{ Channels, Small, Large int }

// TileCases are the channels of VGG-19, with pictures that take some tens of milliseconds at most.
var TileCases = []TileCase{{64, 48, 240}, {128, 48, 168}, {256, 36, 120}, {512, 24, 72}}

// ErrDisturbed reports times that contradict each other, because something else was using the machine.
var ErrDisturbed = errors.New("a large picture took no longer than a small one")

// Tiles measures a table of tiles for some kernels: convolutions with bias and ReLU, with tiles of 4 and of
// 6 in turn. The error is that of a run, or ErrDisturbed.
func Tiles(ctx context.Context, kernels string, threads int, cases []TileCase, e Effort) (*cpu.TileTable, error) {
	var engines []*render.Engine
	for _, tile := range []string{"4", "6"} {
		engine, err := render.NewEngine(render.EngineOptions{Threads: threads, Kernels: kernels, Winograd: tile})
		if err != nil {
			return nil, err
		}
		defer engine.Close()
		engines = append(engines, engine)
	}
	table := new(cpu.TileTable)
	for _, c := range cases {
		cost, err := c.measure(ctx, engines, e)
		if err != nil {
			return nil, fmt.Errorf("tiles for %d channels: %w", c.Channels, err)
		}
		table.Costs = append(table.Costs, cost)
	}
	return table, nil
}

// measure measures on two engines, the first with tiles of 4 and the second with tiles of 6.
func (c TileCase) measure(ctx context.Context, engines []*render.Engine, e Effort) (cost cpu.TileCost, err error) {
	var list []*Instance
	for _, engine := range engines {
		for _, n := range []int{c.Small, c.Large} {
			l := layer{3, 1, c.Channels, c.Channels, n}
			in, err2 := graph(func() ([]*autodiff.Node, error) { return []*autodiff.Node{l.apply(autodiff.NewGraph())}, nil })(engine)
			if err2 != nil {
				return cost, err2
			}
			defer func() { err = errors.Join(err, in.Close()) }()
			list = append(list, in)
		}
	}
	t, err := Measure(ctx, list, e)
	if err != nil {
		return cost, err
	}
	cost.Channels = c.Channels
	if cost.F43, err = c.solve(4, t[0].Median(), t[1].Median()); err != nil {
		return cost, err
	}
	cost.F63, err = c.solve(6, t[2].Median(), t[3].Median())
	return cost, err
}

// solve returns the costs of a tile and of the filter from the seconds that the two pictures take. If noise
// makes the filter's cost negative, it is 0, and the tile's is that in the large picture.
func (c TileCase) solve(tile int, small, large float64) (cpu.Cost, error) {
	if !(large > small) {
		return cpu.Cost{}, ErrDisturbed
	}
	tiles := func(n int) float64 { return float64(n / tile * (n / tile)) }
	unit := 1e12 / float64(c.Channels*c.Channels) // seconds to picoseconds for a pair of channels
	each := (large - small) / (tiles(c.Large) - tiles(c.Small))
	filter := small - tiles(c.Small)*each
	if filter < 0 {
		each, filter = large/tiles(c.Large), 0
	}
	tenths := func(v float64) float64 { return math.Round(10*v) / 10 } // finer than any measurement
	return cpu.Cost{Tile: tenths(each * unit), Filter: tenths(filter * unit)}, nil
}
