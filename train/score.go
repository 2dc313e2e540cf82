package train

import (
	"cmp"
	"context"
	"slices"

	"oneiro/autodiff"
)

// Score is how well a network tells classes apart in pictures that it was not trained on.
type Score struct {
	Pictures int
	// Confusion counts pictures: Confusion[i][j] of class i were taken for class j.
	Confusion [][]int
}

// Accuracy returns the share of pictures whose class was found, in 0..1.
func (s *Score) Accuracy() float64 {
	right := 0
	for i, row := range s.Confusion {
		right += row[i]
	}
	return float64(right) / float64(s.Pictures)
}

// Mistake says how often pictures of a class, of so many, were taken for another one.
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

// Score tests the network on that many batches of pictures that are never trained on, the same ones each time.
func (t *Trainer) Score(ctx context.Context, batches int) (*Score, error) {
	p, err := t.folded(ctx)
	if err != nil {
		return nil, err
	}
	pictures := newBatch(t.options.Source, t.options.Batch, t.options.Size, ForTest)
	canvas := autodiff.NewGraph().Input("pictures", pictures.shape())
	features, _ := p.build(t.net, canvas, nil)
	answers := features[t.net.Classifier()]
	program, err := t.options.Device.Load(autodiff.Compile(answers))
	if err != nil {
		return nil, err
	}
	defer program.Close()
	p.write(program)
	out := &Score{Confusion: make([][]int, t.net.Classes)}
	for i := range out.Confusion {
		out.Confusion[i] = make([]int, t.net.Classes)
	}
	logits := make([]float32, answers.Shape.Len())
	for i := range batches {
		pictures.fill(t.options.pool(), i)
		program.Write(canvas, pictures.pixels)
		if err := program.Run(ctx); err != nil {
			return nil, err
		}
		program.Read(answers, logits)
		for k, label := range pictures.labels {
			out.Confusion[int(label)][best(logits, k, len(pictures.labels))]++
			out.Pictures++
		}
	}
	return out, nil
}
