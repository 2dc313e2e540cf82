//go:build cuda

package cuda

import (
	"encoding/binary"
	"fmt"
	"math"

	"oneiro/autodiff"
)

// lowerings has one entry for each row of autodiff's table: it turns a step into launches.
var lowerings = map[string]func(b *builder, s *autodiff.Step){}

// builder makes a program. It works with places, which become addresses when all memory is allocated, so
// that it can also find out what a program would need.
type builder struct {
	dev      *device
	plan     *autodiff.Plan
	launches []launch
	ends     []int // for each step, how many launches there are at its end

	scratch, inStep int64 // bytes of workspace: the most that a step needs, and those of the step being built
	tables          []int32

	packs       bool // there is memory for what is made of constants
	packed      map[packing]place
	packedBytes int64
	once        []launch // that make it

	post []autodiff.PostOp // of the step being built, those that no kernel does yet
}

// launch is a kernel to run on a grid of blocks of threads. Its arguments are places, addresses, int32 and
// float32, as the kernel's parameters are.
type launch struct {
	kernel      string
	grid, block [3]int
	shared      int // bytes of shared memory beyond what the kernel declares
	args        []any
}

// place is where a value will lie: so many bytes from the beginning of a region.
type place struct {
	in     region
	tensor *autodiff.Tensor // of inConstant
	offset int64
}

// region is a kind of memory.
type region int

const (
	nowhere    region = iota // a null pointer, for what is left out
	inArena                  // values
	inScratch                // workspace of one step
	inTables                 // small arrays that kernels read
	inPacked                 // what kernels make of constants when the program is loaded
	inConstant               // a tensor, which programs share
)

// none stands for an operand that is left out.
var none = place{}

// plus returns the place of the float32 or int32 that comes so many later.
func (p place) plus(numbers int) place {
	p.offset += 4 * int64(numbers)
	return p
}

// alignment of what is in a region, in bytes
const alignment = 256

func aligned(n int64) int64 { return (n + alignment - 1) &^ (alignment - 1) }

// maxNumbers is how many numbers a value may have: an int counts them, and threads that go beyond the end.
const maxNumbers = 1<<31 - 1<<20

// build turns a plan into launches that take no more memory than the limit, if it is not 0 and if that can
// be. The error names an operation that there is no kernel for.
func build(d *device, p *autodiff.Plan, limit int64) (*builder, error) {
	b, err := buildWith(d, p, true)
	if err == nil && limit > 0 && b.footprint().Total() > limit {
		return buildWith(d, p, false)
	}
	return b, err
}

func buildWith(d *device, p *autodiff.Plan, packs bool) (*builder, error) {
	b := &builder{dev: d, plan: p, packs: packs, packed: map[packing]place{}}
	for i := range p.Steps {
		s := &p.Steps[i]
		lower := lowerings[s.Op.Name]
		if lower == nil {
			return nil, fmt.Errorf("cuda: no kernel for %s", s.Op.Name)
		}
		if n := s.Out.Shape.Len(); n > maxNumbers {
			return nil, fmt.Errorf("cuda: %v has %d numbers, kernels count to %d", s.Out, n, maxNumbers)
		}
		b.inStep, b.post = 0, s.Post
		lower(b, s)
		b.finish(s)
		b.ends = append(b.ends, len(b.launches))
	}
	return b, nil
}

// launch adds a launch.
func (b *builder) launch(kernel string, grid, block [3]int, args ...any) {
	b.launches = append(b.launches, launch{kernel: kernel, grid: grid, block: block, args: args})
}

// threads is how many threads a block of a simple kernel has.
const threads = 256

// inLine is a launch of blocks in a line. The kernel's first parameter is n, of whatever the blocks share out.
func inLine(kernel string, blocks, n int, args ...any) launch {
	return launch{
		kernel: kernel, grid: [3]int{blocks, 1, 1}, block: [3]int{threads, 1, 1},
		args: append([]any{int32(n)}, args...),
	}
}

// line adds a launch of blocks in a line.
func (b *builder) line(kernel string, blocks, n int, args ...any) {
	b.launches = append(b.launches, inLine(kernel, blocks, n, args...))
}

// Each of these adds a launch of a kernel that has so many threads for n items: each one for each, quads one
// for every four, and warps 32.

func (b *builder) each(kernel string, n int, args ...any) {
	b.line(kernel, ceil(n, threads), n, args...)
}

func (b *builder) quads(kernel string, n int, args ...any) {
	b.line(kernel, ceil(n, 4*threads), n, args...)
}

func (b *builder) warps(kernel string, n int, args ...any) {
	b.line(kernel, ceil(n, threads/32), n, args...)
}

// inRows adds a launch of a kernel that has a thread for each item of a row, and goes through the rows by
// blockIdx.y: its first parameter is how many there are. No thread has to find out its row by division.
func (b *builder) inRows(kernel string, rows, items int, args ...any) {
	b.launch(kernel, [3]int{ceil(items, threads), min(rows, maxGridY), 1}, [3]int{threads, 1, 1},
		append([]any{int32(rows)}, args...)...)
}

// maxGridY is how many blocks a grid may have along its second side.
const maxGridY = 65535

// at returns where a value lies, none for nil.
func (b *builder) at(n *autodiff.Node) place {
	if n == nil {
		return none
	}
	return placeOf(b.plan, n)
}

// placeOf returns where a value of a plan lies.
func placeOf(p *autodiff.Plan, n *autodiff.Node) place {
	for n.Op.View {
		n = n.In[0]
	}
	if t := n.Tensor(); t != nil {
		return place{in: inConstant, tensor: t}
	}
	return place{in: inArena, offset: p.Buffer(n).Offset}
}

// need returns room for so many float32 or int32 that belong to the step being built.
func (b *builder) need(numbers int) place {
	p := place{in: inScratch, offset: b.inStep}
	b.inStep = aligned(b.inStep + 4*int64(numbers))
	b.scratch = max(b.scratch, b.inStep)
	return p
}

// table returns the place of numbers that do not change.
func table[T float32 | int32](b *builder, numbers []T) place {
	p := place{in: inTables, offset: aligned(b.tableBytes())}
	b.tables = append(b.tables, make([]int32, p.offset/4-int64(len(b.tables)))...)
	switch numbers := any(numbers).(type) {
	case []int32:
		b.tables = append(b.tables, numbers...)
	case []float32:
		for _, v := range numbers {
			b.tables = append(b.tables, int32(math.Float32bits(v)))
		}
	}
	return p
}

func (b *builder) tableBytes() int64 { return 4 * int64(len(b.tables)) }

func (b *builder) footprint() autodiff.Footprint {
	return autodiff.Footprint{
		Arena:     b.plan.ArenaBytes,
		Constants: b.plan.ConstBytes(),
		Packed:    b.packedBytes,
		Scratch:   b.scratch + b.tableBytes(),
	}
}

// arguments lays those of a launch out as the driver wants them: each on its own alignment.
func arguments(l *launch, resolve func(place) address) []byte {
	var out []byte
	align := func(n int) {
		for len(out)%n != 0 {
			out = append(out, 0)
		}
	}
	for _, a := range l.args {
		switch a := a.(type) {
		case place:
			align(8)
			out = binary.LittleEndian.AppendUint64(out, uint64(resolve(a)))
		case address:
			align(8)
			out = binary.LittleEndian.AppendUint64(out, uint64(a))
		case int32:
			align(4)
			out = binary.LittleEndian.AppendUint32(out, uint32(a))
		case float32:
			align(4)
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(a))
		default:
			panic(fmt.Sprintf("cuda: %s gets a %T", l.kernel, a))
		}
	}
	return out
}

// ints makes arguments of numbers.
func ints(numbers ...int) []any {
	args := make([]any, len(numbers))
	for i, v := range numbers {
		args[i] = int32(v)
	}
	return args
}

// flag makes an argument of a condition.
func flag(v bool) int32 {
	if v {
		return 1
	}
	return 0
}

// scaleOf returns the factor that is a step's whole parameter.
func scaleOf(s *autodiff.Step) float32 { return float32(s.Attr.(float64)) }

// factorOf returns the autodiff.Factor that is a step's whole parameter.
func factorOf(s *autodiff.Step) float32 { return float32(s.Attr.(autodiff.Factor).Value()) }

func ceil(a, b int) int { return (a + b - 1) / b }
