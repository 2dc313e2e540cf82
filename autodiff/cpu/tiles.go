package cpu

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// TileTable is what Winograd convolutions cost on a kind of processor. By it the device chooses for each
// layer between F(4x4,3x3) and F(6x6,3x3): larger tiles need a fifth fewer multiplications, but
// longer transforms, filters that are larger by three quarters, and whole tiles at the borders. Results
// differ in rounding, so the same bits need the same table.
type TileTable struct {
	// Tile is 4 or 6 for tiles of that size in every layer, and 0 to choose by Costs.
	Tile int `json:"tile,omitempty"`
	// Costs are measurements with as many channels of the result as of the source. Of these, those next
	// to a layer's channels count.
	Costs []TileCost `json:"costs,omitempty"`
}

// TileCost is what convolutions from and to so many channels cost.
type TileCost struct {
	Channels int  `json:"channels"`
	F43      Cost `json:"f43"`
	F63      Cost `json:"f63"`
}

// Cost is in picoseconds for each pair of a channel of the source and one of the result.
type Cost struct {
	Tile   float64 `json:"tile"`   // for a tile of the result
	Filter float64 `json:"filter"` // once, for the filter
}

// Check returns an error if the table cannot be chosen from.
func (t *TileTable) Check() error {
	switch {
	case t.Tile == 4 || t.Tile == 6:
		return nil
	case t.Tile != 0:
		return fmt.Errorf("there are no tiles of %d, only of 4 and 6", t.Tile)
	case len(t.Costs) == 0:
		return errors.New("a table of tiles without costs")
	}
	for _, c := range t.Costs {
		for _, v := range []float64{c.F43.Tile, c.F63.Tile} {
			if c.Channels < 1 || !(v > 0) || math.IsInf(v, 0) {
				return fmt.Errorf("costs of %v for a tile with %d channels are not possible", v, c.Channels)
			}
		}
		for _, v := range []float64{c.F43.Filter, c.F63.Filter} {
			if !(v >= 0) || math.IsInf(v, 0) {
				return fmt.Errorf("costs of %v for a filter of %d channels are not possible", v, c.Channels)
			}
		}
	}
	return nil
}

// String returns the table in the form that ParseTiles reads.
func (t *TileTable) String() string {
	if t.Tile != 0 {
		return strconv.Itoa(t.Tile)
	}
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // numbers that Check refuses
	}
	return string(text)
}

// ParseTiles returns the table that a text stands for: "4" or "6" for tiles of that size everywhere,
// "builtin" or nothing for what was measured on the kernels of a tier, or else a table in JSON.
func ParseTiles(text, tier string) (*TileTable, error) {
	var t TileTable
	switch text {
	case "", "builtin":
		return MeasuredTiles(tier), nil
	case "4", "6":
		t.Tile = int(text[0] - '0')
	default:
		if err := json.Unmarshal([]byte(text), &t); err != nil {
			return nil, err
		}
	}
	return &t, t.Check()
}

// Choose returns the size of tiles for a convolution to h x w pixels from in channels to out.
func (t *TileTable) Choose(in, out, h, w int) int {
	if t.Tile != 0 {
		return t.Tile
	}
	nearest, distance := TileCost{}, math.Inf(1)
	for _, c := range t.Costs {
		if d := math.Abs(math.Log(float64(in*out) / float64(c.Channels*c.Channels))); d < distance {
			nearest, distance = c, d
		}
	}
	cost := func(c Cost, tile int) float64 {
		return float64((h+tile-1)/tile*((w+tile-1)/tile))*c.Tile + c.Filter
	}
	if cost(nearest.F63, 6) < cost(nearest.F43, 4) {
		return 6
	}
	return 4
}

// measured are the tables of the tiers, medians of ten runs of oneiro bench --tune on two cores of an AMD
// Zen 4. Where nothing was measured the more exact F(4x4,3x3) does everything.
var measured = map[string]*TileTable{
	"avx512": {Costs: []TileCost{
		{64, Cost{407, 32300}, Cost{844, 37900}},
		{128, Cost{372, 8890}, Cost{821, 6770}},
		{256, Cost{381, 5490}, Cost{706, 14400}},
		{512, Cost{345, 10200}, Cost{665, 10700}},
	}},
	"avx2": {Costs: []TileCost{
		{64, Cost{435, 27500}, Cost{905, 35600}},
		{128, Cost{388, 12600}, Cost{941, 4970}},
		{256, Cost{402, 4700}, Cost{752, 16500}},
		{512, Cost{357, 10300}, Cost{721, 11700}},
	}},
}

// MeasuredTiles returns the table that a device with the kernels of a tier uses by default.
func MeasuredTiles(tier string) *TileTable {
	if t := measured[tier]; t != nil {
		return t
	}
	return &TileTable{Tile: 4}
}
