package train

import (
	"context"

	"oneiro/autodiff"
	"oneiro/nn"
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

// scorer is the network without its gradient.
type scorer struct {
	program autodiff.Program
	canvas  *autodiff.Node
	logits  *autodiff.Node
	params  params
	batch   *batch
}

func (t *Trainer) newScorer() (*scorer, error) {
	s := &scorer{params: params{specs: t.params.specs, ranges: t.params.ranges, vector: t.params.vector}}
	s.batch = newBatch(t.options.Source, t.options.Batch, t.options.Size, t.options.stream(forTest))
	g := autodiff.NewGraph()
	s.canvas = g.Input("pictures", s.batch.shape())
	s.logits = t.net.BuildWith(s.canvas, nn.Plain, s.params.node(g))[t.net.Classifier()]
	var err error
	s.program, err = t.options.Device.Load(autodiff.Compile(s.logits))
	return s, err
}

// Score tests the network on that many batches of pictures that are never trained on, the same ones each time.
func (t *Trainer) Score(ctx context.Context, batches int) (*Score, error) {
	if t.scoring == nil {
		var err error
		if t.scoring, err = t.newScorer(); err != nil {
			return nil, err
		}
	}
	s := t.scoring
	s.params.write(s.program)
	out := &Score{Confusion: make([][]int, t.net.Classes)}
	for i := range out.Confusion {
		out.Confusion[i] = make([]int, t.net.Classes)
	}
	logits := make([]float32, s.logits.Shape.Len())
	for i := range batches {
		s.batch.fill(t.options.pool(), i)
		s.program.Write(s.canvas, s.batch.pixels)
		if err := s.program.Run(ctx); err != nil {
			return nil, err
		}
		s.program.Read(s.logits, logits)
		for k, label := range s.batch.labels {
			out.Confusion[int(label)][best(logits, k, len(s.batch.labels))]++
			out.Pictures++
		}
	}
	return out, nil
}
