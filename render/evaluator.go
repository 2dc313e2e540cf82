package render

import (
	"context"

	"oneiro/autodiff"
	"oneiro/loss"
)

// evaluator computes the loss of a stage, its terms, and its gradient with respect to the pixel values.
type evaluator interface {
	// load takes what it needs from a device, and close gives it back.
	load(d autodiff.Device) error
	close() error
	// write sets an input of the stage's graph. The value stays until it is written again.
	write(input *autodiff.Node, data []float32)
	// evaluate returns the loss at pixel values x, and sets grad to its gradient there.
	evaluate(ctx context.Context, x, grad []float32) (float64, error)
	// reweigh sets grad to the gradient at x, where evaluate was called last, with weights written since.
	reweigh(ctx context.Context, x, grad []float32) error
	// watch sets into to the values of the nodes that the stage's matcher watches, at pixel values x.
	watch(ctx context.Context, x []float32, into [][]float32) error
	// term returns the value of a term in the last evaluation, without its weight.
	term(i int) float64
}

// whole computes a picture at once.
type whole struct {
	pixels  *autodiff.Node
	built   loss.Built
	grad    *autodiff.Node
	watched []*autodiff.Node
	outputs []*autodiff.Node // what has to be computed: the total, the gradient, the terms, what is watched
	plan    *autodiff.Plan
	limit   int64 // bytes that the device may take, 0 for as many as it likes

	program autodiff.Program
	scalar  [1]float32
}

// newWhole returns the evaluator of a problem. watched are computed, too.
func newWhole(pixels *autodiff.Node, built loss.Built, watched []*autodiff.Node) *whole {
	w := &whole{pixels: pixels, built: built, watched: watched}
	w.grad = autodiff.Gradient(built.Total, pixels)[0].Named("gradient")
	w.outputs = append([]*autodiff.Node{built.Total, w.grad}, built.Terms...)
	w.outputs = append(w.outputs, watched...)
	return w
}

func (w *whole) load(d autodiff.Device) (err error) {
	w.program, err = d.Load(w.plan, w.limit)
	return err
}

func (w *whole) close() error { return w.program.Close() }

func (w *whole) write(input *autodiff.Node, data []float32) { w.program.Write(input, data) }

func (w *whole) evaluate(ctx context.Context, x, grad []float32) (float64, error) {
	w.program.Write(w.pixels, x)
	if err := w.program.Run(ctx); err != nil {
		return 0, err
	}
	w.program.Read(w.grad, grad)
	return w.read(w.built.Total), nil
}

// watch runs the whole program; what it computes beside does not count.
func (w *whole) watch(ctx context.Context, x []float32, into [][]float32) error {
	w.program.Write(w.pixels, x)
	if err := w.program.Run(ctx); err != nil {
		return err
	}
	for i, n := range w.watched {
		w.program.Read(n, into[i])
	}
	return nil
}

func (w *whole) reweigh(ctx context.Context, x, grad []float32) error {
	_, err := w.evaluate(ctx, x, grad)
	return err
}

func (w *whole) term(i int) float64 { return w.read(w.built.Terms[i]) }

func (w *whole) read(n *autodiff.Node) float64 {
	w.program.Read(n, w.scalar[:])
	return float64(w.scalar[0])
}
