package bench

import (
	"errors"
	"math"
	"testing"

	"oneiro/autodiff/cpu"
	"oneiro/simd"
)

// Costs come back from the times that they make, whatever the channels and the tiles.
func TestSolveTiles(t *testing.T) {
	for _, c := range TileCases {
		for _, tile := range []int{4, 6} {
			if c.Small%12 != 0 || c.Large%12 != 0 {
				t.Errorf("%+v: tiles have a rest", c)
			}
			want := cpu.Cost{Tile: 300, Filter: 7000}
			seconds := func(n int, cost cpu.Cost) float64 {
				tiles := float64(n/tile) * float64(n/tile)
				return 1e-12 * float64(c.Channels) * float64(c.Channels) * (tiles*cost.Tile + cost.Filter)
			}
			got, err := c.solve(tile, seconds(c.Small, want), seconds(c.Large, want))
			if err != nil || !(math.Abs(got.Tile/want.Tile-1) < 1e-9 && math.Abs(got.Filter/want.Filter-1) < 1e-9) {
				t.Errorf("%+v, tiles of %d: %+v, %v; want %+v", c, tile, got, err, want)
			}
			// a small picture that was too fast
			got, err = c.solve(tile, seconds(c.Small, cpu.Cost{Tile: 250}), seconds(c.Large, cpu.Cost{Tile: 300}))
			if err != nil || got.Filter != 0 || !(math.Abs(got.Tile/300-1) < 1e-9) {
				t.Errorf("%+v, tiles of %d: %+v, %v; want 300 and 0", c, tile, got, err)
			}
			for _, large := range []float64{1, 2, math.NaN()} {
				if got, err := c.solve(tile, 2, large); !errors.Is(err, ErrDisturbed) {
					t.Errorf("%g seconds for the large picture and 2 for the small: %+v, %v", large, got, err)
				}
			}
		}
	}
}

// What is measured can be chosen from. The pictures are tiny.
func TestTiles(t *testing.T) {
	cases := []TileCase{{16, 12, 96}, {32, 12, 96}}
	for _, k := range simd.Available() {
		table, err := Tiles(t.Context(), k.Name, 2, cases, Effort{Rounds: 3, Limit: 1e9})
		if err != nil {
			t.Fatal(err)
		}
		if err := table.Check(); err != nil || len(table.Costs) != 2 || table.Costs[1].Channels != 32 {
			t.Errorf("%s: %+v, %v", k.Name, table, err)
		}
	}
}
