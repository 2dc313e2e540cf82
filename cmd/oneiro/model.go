package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"

	"oneiro/nn"
	"oneiro/render"
	"oneiro/simd"
	"oneiro/zoo"
)

// modelOptions choose the network and its parameters.
type modelOptions struct {
	model, weights, pooling, preset string

	file *zoo.Params // of the weights, once they are open
}

func (o *modelOptions) flags(fs *pflag.FlagSet) {
	fs.StringVar(&o.model, "model", "",
		"`NETWORK` to look with; oneiro nets lists them (default detected from the weights, or builtin)")
	fs.StringVar(&o.weights, "weights", "",
		"`FILE` or folder with the network's parameters; oneiro weights --help lists the formats")
	fs.StringVar(&o.pooling, "pooling", "", "max or avg: `KIND` of pooling (default the network's own)")
	fs.StringVar(&o.preset, "preset", "", "`COLOURS` that the weights expect: "+
		strings.Join(nn.Presets(), ", ")+" (default detected from their numbers)")
}

// network returns the description of the network. If none is named, o.model becomes the one that the weights
// are of.
func (o *modelOptions) network() (*nn.Network, error) {
	if o.model == "" {
		if err := o.recognise(); err != nil {
			return nil, err
		}
	}
	net, err := nn.Get(o.model)
	if err != nil {
		return nil, err
	}
	if net.Name == builtin && o.weights != "" { // which oneiro train may have given other classes
		params, err := o.opened()
		if err != nil {
			return nil, err
		}
		if net, err = params.Describe(zoo.Options{Network: net.Name, Preset: o.preset}); err != nil {
			return nil, err
		}
	}
	switch o.pooling {
	case "":
		return net, nil
	case "max":
		return net.WithPooling(nn.MaxPool), nil
	case "avg":
		return net.WithPooling(nn.AvgPool), nil
	}
	return nil, &usageError{"pooling: " + quote(o.pooling) + " is not known", "choose max or avg"}
}

// recognise chooses the network that the weights are of, or the built-in one if there are none.
func (o *modelOptions) recognise() error {
	if o.weights == "" {
		o.model = builtin
		return nil
	}
	params, err := o.opened()
	if err != nil {
		return err
	}
	if o.model, _ = params.Network(); o.model == "" {
		err := &zoo.UnknownError{File: o.weights}
		return &usageError{err.Error(), "name it with --model; oneiro nets lists the networks"}
	}
	return nil
}

// opened returns the parameters in the file of weights, which it opens the first time.
func (o *modelOptions) opened() (_ *zoo.Params, err error) {
	if o.file == nil {
		o.file, err = zoo.OpenParams(o.weights)
	}
	return o.file, err
}

// builtin is the name of the network that needs no file.
var builtin = nn.Builtin().Name

// check finds out whether network and weights go together before any work is done.
func (o *modelOptions) check(net *nn.Network) error {
	if net.Name == builtin || o.weights != "" {
		return nil
	}
	return &usageError{"the network " + net.Name + " needs a file of parameters, and there is no --weights",
		weightsHint(net.Name)}
}

// weightsHint says which files have the parameters of a network.
func weightsHint(network string) string {
	files := zoo.KnownFiles(network)
	return "pass --weights FILE, such as " + strings.Join(files[:min(2, len(files))], " or ") +
		"; the network is detected from it, so --model can be omitted"
}

// open returns the parameters, and has net, which is the caller's own, expect pictures as they do.
func (o *modelOptions) open(net *nn.Network) (*zoo.Params, error) {
	if o.weights == "" {
		return zoo.BuiltinParams(), nil
	}
	params, err := o.opened()
	if err != nil {
		return nil, err
	}
	described, err := params.Describe(zoo.Options{Network: net.Name, Preset: o.preset})
	if err != nil {
		return nil, err
	}
	net.Input = described.Input
	return params, nil
}

// engineOptions choose what to compute with.
type engineOptions struct {
	device  string // as render.EngineOptions has it
	tf32    bool
	threads int
	simd    string
	tiles   string // as findTiles takes it
	memory  byteSize
}

func (o *engineOptions) flags(fs *pflag.FlagSet) {
	o.kernelFlags(fs)
	fs.Var(&o.memory, "memory", "most `MEMORY` to take, as 400MiB or 1.5GiB: slower, the same picture (default what is fastest)")
}

// kernelFlags are those of a command that cannot do with less memory.
func (o *engineOptions) kernelFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.device, "device", "cpu", "`DEVICE` to compute on: cpu, or cuda or cuda:1 for a card; oneiro devices lists them")
	fs.BoolVar(&o.tf32, "tf32", false, "have a card multiply with 11 bits of each factor where it can: faster, less exact")
	fs.IntVar(&o.threads, "threads", 0, "`NUMBER` of threads; 0 is one for each processor")
	fs.StringVar(&o.simd, "simd", "", "`KERNELS` to use: generic, avx2, avx512 or neon (default the best)")
	tilesFlag(fs, &o.tiles)
}

func tilesFlag(fs *pflag.FlagSet, tiles *string) {
	fs.StringVar(tiles, "tiles", "", "`TILES` of Winograd convolutions: 4, 6, builtin or a file (default what bench --tune left, or builtin)")
}

// follow chooses the tiles that round least, if no others are asked for, for numbers like those of a
// program to be compatible with.
func (o *engineOptions) follow(program string) {
	if program != "" && o.tiles == "" && !o.onCard() {
		o.tiles = "4"
	}
}

// open returns the engine, and the table of tiles that it uses.
func (o *engineOptions) open() (*render.Engine, tiles, error) {
	if o.threads < 0 {
		return nil, tiles{}, &usageError{fmt.Sprintf("threads: %d is not possible", o.threads), "choose 1 or more, or 0 for all processors"}
	}
	switch {
	case o.onCard() && o.tiles != "":
		return nil, tiles{}, &usageError{"--tiles means nothing with --device " + o.device, "leave it out"}
	case !o.onCard() && o.tf32:
		return nil, tiles{}, &usageError{"--tf32 means nothing on the processor", "leave it out, or choose --device cuda"}
	}
	engine, tiles, err := newEngine(o.device, o.tf32, o.threads, o.simd, o.tiles)
	if err == nil && o.memory > 0 {
		engine.Memory = int64(o.memory)
		if !o.onCard() {
			debug.SetMemoryLimit(engine.Memory) // collect garbage rather than grow beyond it
		}
	}
	return engine, tiles, err
}

// onCard tells whether a card is to be computed on.
func (o *engineOptions) onCard() bool {
	_, card, _ := render.Card(o.device)
	return card
}

// newEngine returns an engine on a device and so many threads with the kernels of a tier, both by default
// if they are 0 and empty, and the table of tiles that findTiles finds for it.
func newEngine(device string, tf32 bool, threads int, tier, flag string) (*render.Engine, tiles, error) {
	if tier == "" {
		tier = simd.Best().Name
	}
	if _, err := simd.Lookup(tier); err != nil {
		return nil, tiles{}, err
	}
	t, err := findTiles(flag, tier)
	if err != nil {
		return nil, tiles{}, err
	}
	engine, err := render.NewEngine(render.EngineOptions{Device: device, TF32: tf32, Threads: threads, Kernels: tier, Tiles: t.table})
	return engine, t, err
}
