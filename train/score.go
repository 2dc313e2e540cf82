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

// Test classifies n pictures of a source, size x size pixels, that are never trained on. The errors are
// those of the parameters, of ctx and of the device.
func Test(ctx context.Context, d autodiff.Device, pool *parallel.Pool, net *nn.Network, p nn.Params,
	s Source, size, n int) (*Score, error) {
	model, err := nn.Bind(net, p)
	if err != nil {
		return nil, err
	}
	pictures := newBatch(s, min(n, 64), size, ForTest)
	canvas := autodiff.NewGraph().Input("pictures", pictures.shape())
	logits := model.Build(canvas, nn.UnitRange)[net.Classifier()]
	program, err := d.Load(autodiff.Compile(d, logits), 0)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	out := &Score{Pictures: n, Confusion: make([][]int, net.Classes)}
	for i := range out.Confusion {
		out.Confusion[i] = make([]int, net.Classes)
	}
	scores := make([]float32, logits.Shape.Len())
	for i := 0; n > 0; i++ {
		pictures.fill(pool, i)
		program.Write(canvas, pictures.pixels)
		if err := program.Run(ctx); err != nil {
			return nil, err
		}
		program.Read(logits, scores)
		for k, label := range pictures.labels[:min(n, len(pictures.labels))] {
			out.Confusion[int(label)][argMax(scores, k, len(pictures.labels))]++
			n--
		}
	}
	return out, nil
}

// Score tests the network as it is now on n pictures that are never trained on, always the same ones.
func (t *Trainer) Score(ctx context.Context, n int) (*Score, error) {
	p, err := t.folded(ctx)
	if err != nil {
		return nil, err
	}
	return Test(ctx, t.options.Device, t.options.Pool, t.net, p, t.options.Source, t.options.Size, n)
}
