//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"slices"

	"oneiro/autodiff"
)

// device is a GPU. All calls of the driver are made by one goroutine, on one thread of the system, to
// which the context belongs.
type device struct {
	options Options
	info    Info
	driver  *driver
	module  *module
	consts  map[*autodiff.Tensor]*constant
	shared  [][]float32 // that vectors hold
	room    int         // numbers that a convolution by Winograd's method may have for a step, as workspace

	work chan func()
	done chan struct{}
}

// Open returns a GPU. It must be closed. The error is an *UnavailableError or a *DriverError.
func Open(o Options) (Device, error) {
	d := &device{
		options: o, consts: map[*autodiff.Tensor]*constant{}, room: winogradRoom,
		work: make(chan func()), done: make(chan struct{}),
	}
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		for f := range d.work {
			f()
		}
		close(d.done)
	}()
	if err := d.do(d.open); err != nil {
		close(d.work)
		return nil, err
	}
	return d, nil
}

// List describes the GPUs that there are. The error is an *UnavailableError or a *DriverError.
func List() ([]Info, error) {
	d, err := openDriver()
	if err != nil {
		return nil, err
	}
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	var all []Info
	for i := range n {
		in, err := d.info(i)
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	return all, nil
}

// Info implements Device.
func (d *device) Info() Info { return d.info }

// Memory implements Device.
func (d *device) Memory() int64 { return d.info.Memory }

// put and get copy numbers to a place on the GPU and back. Vectors of the GPU stay there.
func (d *device) put(dst address, src []float32) error {
	if d.holds(src) {
		return d.driver.copy(dst, addressOf(src), 4*int64(len(src)))
	}
	return write(d.driver, dst, src)
}

func (d *device) get(dst []float32, src address) error {
	if d.holds(dst) {
		return d.driver.copy(addressOf(dst), src, 4*int64(len(dst)))
	}
	return read(d.driver, dst, src)
}

// holds reports whether a slice is part of a vector.
func (d *device) holds(s []float32) bool {
	at := addressOf(s)
	return slices.ContainsFunc(d.shared, func(v []float32) bool {
		lo := addressOf(v)
		return at >= lo && at < lo+address(4*len(v))
	})
}

// do runs f on the device's thread.
func (d *device) do(f func() error) error {
	result := make(chan error, 1)
	d.work <- func() { result <- f() }
	return <-result
}

func (d *device) open() error {
	var err error
	if d.driver, err = openDriver(); err != nil {
		return err
	}
	n, err := d.driver.count()
	if err != nil {
		return err
	}
	if n == 0 {
		return &UnavailableError{"the driver knows no GPU", "is there an NVIDIA GPU, and does nvidia-smi list it?"}
	}
	if d.options.Index < 0 || d.options.Index >= n {
		return &UnavailableError{
			fmt.Sprintf("the driver knows %d GPUs, there is no number %d", n, d.options.Index),
			fmt.Sprintf("GPUs are numbered from 0 to %d", n-1),
		}
	}
	if d.info, err = d.driver.info(d.options.Index); err != nil {
		return err
	}
	if err := d.driver.use(d.options.Index); err != nil {
		return err
	}
	if d.module, err = d.driver.load(d.ptx()); err != nil {
		d.driver.release()
		return err
	}
	return nil
}

// Name returns, for example, "cuda NVIDIA GeForce RTX 3060".
func (d *device) Name() string { return "cuda " + d.info.Name }

// Close implements Device.
func (d *device) Close() {
	d.do(func() error {
		for _, c := range d.consts { // of programs that were not closed
			d.driver.free(c.at)
		}
		d.driver.unload(d.module)
		return d.driver.release()
	})
	close(d.work)
	<-d.done
}

// Fuses implements autodiff.Fuser.
func (d *device) Fuses(s *autodiff.Step) bool { return autodiff.TileFuser.Fuses(s) }

// Footprint implements autodiff.Device. An operation without a kernel is an error of Load.
func (d *device) Footprint(p *autodiff.Plan, limit int64) autodiff.Footprint {
	b, err := build(d, p, limit)
	if err != nil {
		return autodiff.Footprint{}
	}
	return b.footprint()
}

// Load implements autodiff.Device. The error is a *DriverError, or names an operation that there is no
// kernel for.
func (d *device) Load(p *autodiff.Plan, limit int64) (autodiff.Program, error) {
	for _, c := range p.Consts {
		if c.Tensor().Data == nil {
			panic(fmt.Sprintf("cuda: the constant %v has no data", c))
		}
	}
	b, err := build(d, p, limit)
	if err != nil {
		return nil, err
	}
	program := &program{dev: d, plan: p, ends: b.ends}
	if err := d.do(func() error { return program.allocate(b) }); err != nil {
		return nil, err
	}
	return program, nil
}

// constant is a tensor on the GPU, and how many programs have it.
type constant struct {
	at    address
	users int
}

// hold has a tensor on the GPU until it is released.
func (d *device) hold(t *autodiff.Tensor) error {
	if c := d.consts[t]; c != nil {
		c.users++
		return nil
	}
	p, err := d.driver.alloc(max(t.Shape.Bytes(), 1))
	if err != nil {
		return err
	}
	if err := write(d.driver, p, t.Data); err != nil {
		d.driver.free(p)
		return err
	}
	d.consts[t] = &constant{p, 1}
	return nil
}

func (d *device) release(t *autodiff.Tensor) error {
	c := d.consts[t]
	if c.users--; c.users > 0 {
		return nil
	}
	delete(d.consts, t)
	return d.driver.free(c.at)
}
