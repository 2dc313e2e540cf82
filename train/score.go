package train

import (
	"cmp"
	"context"
	"slices"

	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/nn"
)

// Score is the result of a test of a classifier.
type Score struct {
	Pictures int
	// Confusion is the confusion matrix: Confusion[i][j] pictures of class i were classified as j.
	Confusion [][]int
}

// Accuracy returns the fraction of pictures classified correctly, in 0..1.
func (s *Score) Accuracy() float64 {
	right := 0
	for i, row := range s.Confusion {
		right += row[i]
	}
	return float64(right) / float64(s.Pictures)
}

// Mistake is a pair of classes that were confused: Count of the Of pictures of Class were classified as For.
type Mistake struct{ Class, For, Count, Of int }

// Mistakes returns the n most frequent ones.
func (s *Score) Mistakes(n int) []Mistake {
	var all []Mistake
	for i, row := range s.Confusion {
		of := 0
		for _, count := range row {
			of += count
		}
		for j, count := range row {
			if i != j && count > 0 {
				all = append(all, Mistake{i, j, count, of})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Mistake) int { return cmp.Compare(b.Count, a.Count) })
	return all[:min(n, len(all))]
}

// TestOptions are what to test, and on which pictures.
type TestOptions struct {
	Device  autodiff.Device
	Pool    *parallel.Pool // draws the pictures
	Network *nn.Network
	Params  nn.Params

	Source   Source
	Size     int // side of a picture, in pixels
	Pictures int // at least 1
	// OnProgress is called after each batch; nil for never.
	OnProgress func(Progress)
}

// Test classifies pictures that are never trained on. The errors are those of the parameters, of ctx and of
// the device.
func Test(ctx context.Context, o TestOptions) (*Score, error) {
	model, err := nn.Bind(o.Network, o.Params)
	if err != nil {
		return nil, err
	}
	n := o.Pictures
	pictures := newBatch(o.Source, min(n, 64), o.Size, ForTest)
	canvas := autodiff.NewGraph().Input("pictures", pictures.shape())
	logits := model.Build(canvas, nn.UnitRange)[o.Network.Classifier()]
	program, err := o.Device.Load(autodiff.Compile(o.Device, logits), 0)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	out := &Score{Pictures: n, Confusion: make([][]int, o.Network.Classes)}
	for i := range out.Confusion {
		out.Confusion[i] = make([]int, o.Network.Classes)
	}
	scores := make([]float32, logits.Shape.Len())
	report := reporter(o.OnProgress, Testing, n)
	report(0)
	for i := 0; n > 0; i++ {
		pictures.fill(o.Pool, i)
		program.Write(canvas, pictures.pixels)
		if err := program.Run(ctx); err != nil {
			return nil, err
		}
		program.Read(logits, scores)
		for k, label := range pictures.labels[:min(n, len(pictures.labels))] {
			out.Confusion[int(label)][argMax(scores, k, len(pictures.labels))]++
			n--
		}
		report(o.Pictures - n)
	}
	return out, nil
}

// reporter returns a function that reports how many pictures of a task are done.
func reporter(on func(Progress), task Task, of int) func(done int) {
	return func(done int) {
		if on != nil {
			on(Progress{task, done, of})
		}
	}
}

// Score tests the network as it is now on n pictures that are never trained on, always the same ones.
func (t *Trainer) Score(ctx context.Context, n int) (*Score, error) {
	p, err := t.folded(ctx)
	if err != nil {
		return nil, err
	}
	o := &t.options
	return Test(ctx, TestOptions{
		Device: o.Device, Pool: o.Pool, Network: t.net, Params: p,
		Source: o.Source, Size: o.Size, Pictures: n, OnProgress: o.OnProgress,
	})
}
