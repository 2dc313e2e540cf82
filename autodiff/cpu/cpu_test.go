package cpu_test

import (
	"math"
	"slices"
	"testing"

	"oneiro/autodiff/conformance"
	"oneiro/autodiff/cpu"
	"oneiro/simd"
)

// TestConformance runs the suite on every tier of kernels that this machine has, with either size of
// Winograd's tiles.
func TestConformance(t *testing.T) {
	for _, tier := range simd.Available() {
		t.Run(tier.Name, func(t *testing.T) {
			d := cpu.New(cpu.Options{Threads: 2, Kernels: tier, Tiles: &cpu.TileTable{Tile: 4}})
			defer d.Close()
			conformance.RunDevice(t, d)
		})
		t.Run(tier.Name+" tiles of 6", func(t *testing.T) {
			d := cpu.New(cpu.Options{Threads: 2, Kernels: tier, Tiles: &cpu.TileTable{Tile: 6}})
			defer d.Close()
			conformance.RunCoarse(t, d, 7) // the largest errors of F(6x6,3x3) are 6.5 times those of F(4x4,3x3)
		})
	}
}

// TestFilterCache runs the suite with transformed filters kept.
func TestFilterCache(t *testing.T) {
	d := cpu.New(cpu.Options{Threads: 2, FilterCache: 1 << 30, Tiles: &cpu.TileTable{Tile: 4}})
	defer d.Close()
	conformance.RunDevice(t, d)
}

// TestThreads checks that results have the same bits for any number of threads.
func TestThreads(t *testing.T) {
	for _, c := range conformance.Cases() {
		var first [][]float32
		for _, threads := range []int{1, 2, 5} {
			d := cpu.New(cpu.Options{Threads: threads})
			got, err := conformance.Results(d, c)
			d.Close()
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			}
			for i := range got {
				if !slices.EqualFunc(got[i], first[i], sameBits) {
					t.Errorf("%s: result %d differs between 1 and %d threads", c.Name, i, threads)
				}
			}
		}
	}
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
