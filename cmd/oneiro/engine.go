package main

import (
	"runtime/debug"

	"github.com/spf13/pflag"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
	"oneiro/simd"
)

// engineOptions choose what to compute with.
type engineOptions struct {
	Device  string // as render.EngineOptions has it
	TF32    bool
	Threads int
	Kernels string
	// Winograd is the table of tiles of Winograd convolutions, as findTiles takes it.
	Winograd string
	Memory   byteSize
	Scratch  string // a folder, or empty
	Tile     render.TileSize
}

// maxThreads is the largest number of threads.
const maxThreads = 1024

// engineTable has the options of engineOptions.
var engineTable = option.Table{
	{Name: "device", Field: "Device", Unit: "device",
		Help: "what to compute on: cpu, or cuda or cuda:1 for a GPU; see oneiro devices", Default: "cpu",
		Names: option.Device, Changes: option.Result | option.Memory, Basic: true},
	{Name: "memory", Field: "Memory", Unit: "amount",
		Help:    "most memory to use, such as 400MiB or 1.5GiB: slower, the same picture",
		Default: "whatever is fastest", Changes: option.Memory, Basic: true},
	{Name: "scratch", Field: "Scratch", Unit: "folder",
		Help:  "folder on a disk for what does not fit into memory: slower, the same picture",
		Names: option.File, Changes: option.Memory},
	{Name: "tile", Field: "Tile", Unit: "pixels",
		Help: "compute pictures on tiles that wide and high, auto: where they do not fit into memory, or off",
		Or:   "a number of pixels", Choices: []string{"auto", "off"}, Changes: option.Memory},
	{Name: "threads", Field: "Threads", Unit: "number", Help: "threads to use",
		Zero: "is one for each processor", Range: option.Between(1, maxThreads)},
	{Name: "kernels", Field: "Kernels", Aliases: []string{"simd"}, Unit: "name",
		Help: "instruction set to use: generic, avx2, avx512 or neon", Default: "the best here",
		Names: option.Kernels, Changes: option.Result | option.Memory},
	{Name: "winograd", Field: "Winograd", Aliases: []string{"tiles"}, Unit: "tiles",
		Help: "tiles of Winograd convolutions", Choices: []string{"4", "6", builtinTiles}, Or: "a file",
		Default: "what oneiro bench --tune measured, or builtin", Names: option.File,
		Changes: option.Result | option.Memory},
	{Name: "tf32", Field: "TF32", Help: "let a GPU multiply with fewer bits (TF32): faster, less exact",
		Changes: option.Result},
}.In("Computer")

// flags adds all flags of the engine.
func (o *engineOptions) flags(fs *pflag.FlagSet) { addFlags(fs, engineTable, o) }

// kernelFlags adds the flags for a command that cannot do with less memory.
func (o *engineOptions) kernelFlags(fs *pflag.FlagSet) {
	addFlags(fs, engineTable.Without("memory", "scratch", "tile"), o)
}

func tilesFlag(fs *pflag.FlagSet, tiles *string) {
	fs.StringVar(tiles, "tiles", "", "")
	fs.Lookup("tiles").Hidden = true // its older name
	fs.StringVar(tiles, "winograd", "",
		"`TILES` of Winograd convolutions: 4, 6, builtin or a file (default what bench --tune measured, or builtin)")
}

// open returns the engine, and the table of tiles that it uses.
func (o *engineOptions) open() (*render.Engine, tiles, error) {
	if err := engineTable.Check(o).Err(); err != nil {
		return nil, tiles{}, err
	}
	switch {
	case o.onGPU() && o.Winograd != "":
		return nil, tiles{}, &usageError{"--winograd has no effect with --device " + o.Device, "leave it out"}
	case o.onGPU() && o.Scratch != "":
		return nil, tiles{}, &usageError{"--scratch has no effect with --device " + o.Device, "leave it out"}
	case !o.onGPU() && o.TF32:
		return nil, tiles{}, &usageError{"--tf32 has no effect on the processor",
			"leave it out, or choose --device cuda"}
	}
	engine, tiles, err := newEngine(o.Device, o.TF32, o.Threads, o.Kernels, o.Winograd)
	if err == nil {
		engine.Memory, engine.Scratch, engine.Tile = int64(o.Memory), o.Scratch, o.Tile
	}
	return engine, tiles, err
}

// within limits reading a picture to the memory that may be used, and sets the collector's limit to the same.
func (o *engineOptions) within(reading imageio.ReadOptions) imageio.ReadOptions {
	if o.Memory > 0 && !o.onGPU() {
		reading.MaxBytes = int64(o.Memory)
		debug.SetMemoryLimit(reading.MaxBytes)
	}
	return reading
}

// onGPU returns whether a GPU is to be computed on.
func (o *engineOptions) onGPU() bool { return isGPU(o.Device) }

// isGPU returns whether a name is that of a device other than the processor.
func isGPU(name string) bool {
	kind, _, err := autodiff.ParseDevice(name)
	return err == nil && kind != "cpu"
}

// newEngine returns an engine on a device with a number of threads and the kernels of a tier, the best there
// are if these are 0 and empty, and the table of tiles that findTiles finds for it.
func newEngine(device string, tf32 bool, threads int, tier, flag string) (*render.Engine, tiles, error) {
	if tier == "" {
		tier = simd.Best().Name
	}
	if _, err := simd.Lookup(tier); err != nil {
		return nil, tiles{}, err
	}
	if flag == "" && isGPU(device) { // which has no use for what bench --tune measured
		flag = builtinTiles
	}
	t, err := findTiles(flag, tier)
	if err != nil {
		return nil, tiles{}, err
	}
	engine, err := render.NewEngine(render.EngineOptions{
		Device: device, TF32: tf32, Threads: threads, Kernels: tier, Winograd: t.table.String(),
	})
	return engine, t, err
}
