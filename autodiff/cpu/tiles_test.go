package cpu

import (
	"math"
	"testing"
)

func TestTileTableCheck(t *testing.T) {
	good := Cost{300, 0}
	for _, c := range []struct {
		table TileTable
		ok    bool
	}{
		{TileTable{Tile: 4}, true},
		{TileTable{Tile: 6}, true},
		{TileTable{Tile: 5}, false},
		{TileTable{Tile: -4}, false},
		{TileTable{}, false},
		{TileTable{Costs: []TileCost{{64, good, Cost{700, 9}}}}, true},
		{TileTable{Costs: []TileCost{{64, good, Cost{0, 9}}}}, false},
		{TileTable{Costs: []TileCost{{64, Cost{-1, 0}, good}}}, false},
		{TileTable{Costs: []TileCost{{64, good, Cost{math.NaN(), 0}}}}, false},
		{TileTable{Costs: []TileCost{{64, good, Cost{300, math.Inf(1)}}}}, false},
		{TileTable{Costs: []TileCost{{64, good, Cost{300, -1}}}}, false},
		{TileTable{Costs: []TileCost{{64, good, good}, {0, good, good}}}, false},
	} {
		if err := c.table.Check(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.table, err)
		}
	}
	for tier, table := range measured {
		if err := table.Check(); err != nil {
			t.Errorf("%s: %v", tier, err)
		}
	}
}

func TestTileTableChoose(t *testing.T) {
	table := TileTable{Costs: []TileCost{
		{64, Cost{400, 0}, Cost{800, 0}},
		{512, Cost{400, 1000}, Cost{800, 20000}},
	}}
	for _, c := range []struct{ in, out, h, w, want int }{
		{64, 64, 24, 24, 6},     // 16 tiles of 800 rather than 36 of 400
		{64, 64, 25, 24, 6},     // 20 rather than 42
		{64, 64, 4, 4, 4},       // one tile either way
		{64, 128, 8, 8, 4},      // four tiles either way
		{64, 128, 24, 24, 6},    // nearer to 64 channels than to 512
		{512, 512, 24, 24, 4},   // the filter decides
		{512, 512, 120, 120, 6}, // and here it does not
		{256, 512, 24, 24, 4},
	} {
		if got := table.Choose(c.in, c.out, c.h, c.w); got != c.want {
			t.Errorf("%+v: tiles of %d", c, got)
		}
	}
	for _, tile := range []int{4, 6} {
		if got := (&TileTable{Tile: tile}).Choose(64, 64, 24, 24); got != tile {
			t.Errorf("tiles of %d where %d are forced", got, tile)
		}
	}
}
