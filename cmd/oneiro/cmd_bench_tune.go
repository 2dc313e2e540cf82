package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/spf13/pflag"

	"oneiro/autodiff/cpu"
	"oneiro/bench"
	"oneiro/internal/atomicfile"
	"oneiro/nn"
)

// tuneResult is one line of bench --tune --json.
type tuneResult struct {
	Kernels string `json:"kernels"`
	benchMachine
	Costs  []cpu.TileCost `json:"costs"`
	Layers []tuneLayer    `json:"layers"` // of VGG-19 at 512 pixels
	File   string         `json:"file"`
}

// tuneLayer is a layer and the tile size that the table chooses for it.
type tuneLayer struct {
	Layer string `json:"layer"`
	In    int    `json:"in"`
	Out   int    `json:"out"`
	Size  int    `json:"size"`
	Tile  int    `json:"tile"`
}

// tuneFlags lists the flags of bench that --tune uses.
var tuneFlags = []string{"tune", "kernels", "rounds", "limit", "json"}

// runTune measures a table of tiles for each kind of kernels by the convolutions in cases, prints it and
// stores it where findTiles looks for it.
func runTune(ctx context.Context, o benchOptions, cases []bench.TileCase, w io.Writer) (err error) {
	o.given.Visit(func(f *pflag.Flag) {
		if !slices.Contains(tuneFlags, f.Name) {
			err = &usageError{"--" + f.Name + " cannot be combined with --tune", "leave it out"}
		}
	})
	if err != nil {
		return err
	}
	if err := o.complete(); err != nil {
		return err
	}
	for i, kernels := range o.kernels {
		if i > 0 && !o.json {
			fmt.Fprintln(w)
		}
		path, err := tilesPath(kernels)
		if err != nil {
			return err
		}
		threads := runtime.GOMAXPROCS(0)
		table, err := bench.Tiles(ctx, kernels, threads, cases, o.effort())
		if errors.Is(err, bench.ErrDisturbed) {
			return &tuneError{err}
		}
		if err != nil {
			return err
		}
		f := &tileFile{CPU: processorModel(), Kernels: kernels, TileTable: *table}
		if err := atomicfile.WriteJSON(path, f); err != nil {
			return err
		}
		layers, err := tuneLayers(table)
		if err != nil {
			return err
		}
		r := &tuneResult{kernels, machine(threads), table.Costs, layers, path}
		if o.json {
			err = writeLine(w, r)
		} else {
			err = r.print(w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tuneError reports a measurement that was disturbed.
type tuneError struct{ error }

func (e *tuneError) Unwrap() error { return e.error }

// Hint says what to do about it.
func (*tuneError) Hint() string {
	return "something else was using the machine: try again when it is quiet, or with more --rounds"
}

// tuneLayers returns what a table chooses for the convolutions of VGG-19 at 512 pixels, without the
// first: three channels are too few for tiles.
func tuneLayers(table *cpu.TileTable) ([]tuneLayer, error) {
	net, err := nn.VGG19().Cut("relu5_4") // the fully connected layers after it are convolutions too
	if err != nil {
		return nil, err
	}
	infos, err := net.Shapes(512, 512, 3)
	if err != nil {
		return nil, err
	}
	var layers []tuneLayer
	in := 3
	for _, l := range infos {
		if l.Kind == nn.Conv && in > 3 {
			layers = append(layers, tuneLayer{l.Name, in, l.C, l.H, table.Choose(in, l.C, l.H, l.W)})
		}
		in = l.C
	}
	return layers, nil
}

// print writes the result for people.
func (r *tuneResult) print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %d threads of %s: picoseconds for a pair of channels\n\n", r.Kernels, r.Threads, r.CPU)
	t := newTable(w)
	row(t, "channels", "4x4: a tile", "the filter", "6x6: a tile", "the filter")
	for _, c := range r.Costs {
		row(t, c.Channels, picoseconds(c.F43.Tile), picoseconds(c.F43.Filter),
			picoseconds(c.F63.Tile), picoseconds(c.F63.Filter))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nchosen for VGG-19 at 512 pixels")
	t = newTable(w)
	for _, l := range r.Layers {
		row(t, l.Layer, fmt.Sprintf("%d-%d@%d", l.In, l.Out, l.Size), fmt.Sprintf("%dx%d", l.Tile, l.Tile))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nstored in %s\n", r.File)
	return err
}

func picoseconds(v float64) string { return fmt.Sprintf("%.1f", v) }
