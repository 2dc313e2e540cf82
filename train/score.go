package train

import (
	"context"
	"fmt"
	"math"
	"sort"

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

// youngPictures is how many pictures a network that starts from random numbers has to be shown, about, before
// its dreams show more than noise: 2000 steps with the default settings.
const youngPictures = 128_000

// Young says why dreams of the network would show little, or returns "". s is its score.
func (t *Trainer) Young(s *Score) string {
	shown := t.step * t.options.Batch
	chance := 1 / float64(len(s.Confusion))
	switch {
	case t.options.Start == nil && shown < youngPictures:
		return fmt.Sprintf("it has been shown %d pictures, and needs some %d from random numbers", shown, youngPictures)
	case s.Accuracy() < (1+chance)/2: // half-way between guessing and knowing
		return fmt.Sprintf("it recognises only %.0f %%", 100*s.Accuracy())
	}
	return ""
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
	sort.SliceStable(all, func(i, j int) bool { return all[i].Count > all[j].Count })
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
	Pictures int // at least 1; if the source has fewer, all of them
	// OnProgress is called after each batch; nil for never.
	OnProgress func(Progress)
}

// Test classifies pictures that are never trained on. The errors are a *NonFiniteError, those of the
// parameters, of ctx and of the device.
func Test(ctx context.Context, o TestOptions) (*Score, error) {
	model, err := nn.Bind(o.Network, o.Params)
	if err != nil {
		return nil, err
	}
	n := o.Pictures
	if s, ok := o.Source.(Finite); ok {
		n = min(n, s.TestPictures())
	}
	of := n
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
		for _, v := range scores {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, &NonFiniteError{o.Network.Name}
			}
		}
		for k, label := range pictures.labels[:min(n, len(pictures.labels))] {
			out.Confusion[int(label)][argMax(scores, k, len(pictures.labels))]++
			n--
		}
		report(of - n)
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
	if p, err = t.withoutOthers(p); err != nil {
		return nil, err
	}
	o := &t.options
	return Test(ctx, TestOptions{
		Device: o.Device, Pool: o.Pool, Network: t.Network(), Params: p,
		Source: o.Source, Size: o.Size, Pictures: n, OnProgress: o.OnProgress,
	})
}
