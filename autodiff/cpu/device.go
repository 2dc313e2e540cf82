// Package cpu runs plans on the processor, over the kernels of package simd.
//
// A step of a plan becomes one or more stages when it is loaded; a stage is a fixed number of pieces
// that the threads share. How many pieces there are depends on shapes alone and partial sums are
// added in their order, so a result has the same bits for any number of threads.
package cpu

import (
	"context"
	"errors"
	"fmt"

	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// Options configure a Device; the zero value uses all processors and the best kernels.
type Options struct {
	Threads int           // 0 stands for GOMAXPROCS
	Kernels *simd.Kernels // nil stands for simd.Best
	// FilterCache is how many bytes of filters a program without a limit may keep transformed for
	// Winograd convolution, which takes four to seven times their size for each direction. The
	// others are transformed at every run: that costs a tenth of the time of a VGG-19 step at 256 and at
	// 512 pixels, and saves 430 and 630 MiB. Keeping some of them saves some of the time.
	FilterCache int64
	// Tiles chooses between Winograd algorithms; nil stands for MeasuredTiles. New panics if it fails
	// its Check.
	Tiles *TileTable
}

// Device is the processor. Its programs share its threads, so only one of them may run at a time.
type Device struct {
	simd  *simd.Kernels
	pool  *parallel.Pool
	packs map[packKey]*packed // of the programs that are loaded

	filterCache int64
	tiles       *TileTable
	direct      bool // for tests: no Winograd convolution
}

func init() { autodiff.Register(autodiff.Driver{Name: "cpu", Open: open}) }

// open is New with the options that all devices share. The error is a *simd.TierError or an
// *autodiff.DeviceOptionError.
func open(index int, o autodiff.DeviceOptions) (autodiff.Device, error) {
	if index != 0 {
		return nil, &autodiff.DeviceOptionError{Option: "device", Err: errors.New("there is one processor only")}
	}
	kernels := simd.Best()
	if o.Kernels != "" {
		var err error
		if kernels, err = simd.Lookup(o.Kernels); err != nil {
			return nil, err
		}
	}
	tiles, err := ParseTiles(o.Winograd, kernels.Name)
	if err != nil {
		return nil, &autodiff.DeviceOptionError{Option: "winograd", Err: err}
	}
	return New(Options{Threads: o.Threads, Kernels: kernels, Tiles: tiles}), nil
}

// New returns a device. It must be closed.
func New(o Options) *Device {
	if o.Kernels == nil {
		o.Kernels = simd.Best()
	}
	if o.Tiles == nil {
		o.Tiles = MeasuredTiles(o.Kernels.Name)
	}
	if err := o.Tiles.Check(); err != nil {
		panic(fmt.Sprintf("cpu: %v", err))
	}
	return &Device{
		simd: o.Kernels, pool: parallel.New(o.Threads), packs: map[packKey]*packed{},
		filterCache: o.FilterCache, tiles: o.Tiles,
	}
}

// Name returns, for example, "cpu avx512, 2 threads".
func (d *Device) Name() string {
	s := "s"
	if d.pool.Threads() == 1 {
		s = ""
	}
	return fmt.Sprintf("cpu %s, %d thread%s", d.simd.Name, d.pool.Threads(), s)
}

// Kernels returns the device's kernels, for work between runs.
func (d *Device) Kernels() *simd.Kernels { return d.simd }

// Pool returns the device's threads, for work between runs.
func (d *Device) Pool() *parallel.Pool { return d.pool }

// Close ends the threads.
func (d *Device) Close() { d.pool.Close() }

// Fuses implements autodiff.Fuser.
func (d *Device) Fuses(s *autodiff.Step) bool { return autodiff.TileFuser.Fuses(s) }

// Footprint implements autodiff.Device.
func (d *Device) Footprint(p *autodiff.Plan, limit int64) autodiff.Footprint {
	return newBuilder(d, p, limit, true).footprint()
}

// Load implements autodiff.Device.
func (d *Device) Load(p *autodiff.Plan, limit int64) (autodiff.Program, error) {
	for _, c := range p.Consts {
		if c.Tensor().Data == nil {
			panic(fmt.Sprintf("cpu: the constant %v has no data", c))
		}
	}
	b := newBuilder(d, p, limit, false)
	if err := b.allocate(); err != nil {
		b.program.release()
		return nil, err
	}
	return b.program, nil
}

// program is a loaded plan.
type program struct {
	dev     *Device
	plan    *autodiff.Plan
	memory  []byte // the mapping that all others are parts of, or nil
	arena   []float32
	stages  []stage
	scratch [][]float32 // for each worker
	// features are those that each worker recomputes, followed by its scratch for that
	features [][]float32
	shared   []float32 // workspace of one step, shared by its stages
	spare    []float32 // values inside a fused step
	kept     []float32 // transformed filters
	partial  []float64 // sums of pieces, shared by the stages of one step
	packs    []packKey // the packed constants of the device that it holds
}

// stage is work in pieces that may run in any order and at the same time.
type stage struct {
	pieces int
	run    func(piece, worker int)
	ends   bool // the last stage of its step
}

func (p *program) Write(n *autodiff.Node, data []float32) {
	dst := p.data(n)
	if len(dst) != len(data) {
		panic(fmt.Sprintf("cpu: %d numbers for %v", len(data), n))
	}
	copy(dst, data)
}

func (p *program) Read(n *autodiff.Node, dst []float32) {
	src := p.data(n)
	if len(dst) != len(src) {
		panic(fmt.Sprintf("cpu: room for %d numbers of %v", len(dst), n))
	}
	copy(dst, src)
}

func (p *program) Run(ctx context.Context) error {
	for i := range p.stages {
		s := &p.stages[i]
		if s.pieces == 1 {
			s.run(0, 0)
		} else {
			p.dev.pool.Run(s.pieces, s.run)
		}
		if s.ends {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *program) Close() error {
	p.release()
	p.arena, p.scratch, p.features, p.shared, p.spare, p.kept, p.stages = nil, nil, nil, nil, nil, nil, nil
	return unmap(p.memory)
}

// data returns where n's value lies: in the arena, or in the tensor of a constant.
func (p *program) data(n *autodiff.Node) []float32 {
	for n.Op.View {
		n = n.In[0]
	}
	if t := n.Tensor(); t != nil {
		return t.Data
	}
	at := p.plan.Buffer(n).Offset / 4
	return p.arena[at : at+int64(n.Shape.Len()) : at+int64(n.Shape.Len())]
}
