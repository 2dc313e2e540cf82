package train

import (
	"strings"
	"time"
)

// Event tells of the progress of a training. Numbers are means since the event before.
type Event struct {
	Step, Steps int
	Rate        float64 // the learning rate
	Loss        float64
	Entropy     float64 // of the labels
	Accuracy    float64 // over the pictures of training, in 0..1
	Teacher     []Distance
	Elapsed     time.Duration
	// PicturesPerSecond and FLOPS, floating-point operations a second as the graph counts them, include
	// drawing the pictures.
	PicturesPerSecond, FLOPS float64
}

// Distance is how far a layer is from the teacher's: the mean square of the difference behind the ReLU, as a
// share of the teacher's own.
type Distance struct {
	Layer string
	Value float64
}

// recent adds up steps.
type recent struct {
	steps                   int
	loss, entropy, accuracy float64
	taught                  [8]float64
	taps                    int
}

func (r *recent) add(loss, entropy, accuracy float64, taught []float64) {
	r.steps++
	r.loss += loss
	r.entropy += entropy
	r.accuracy += accuracy
	for i, v := range taught {
		r.taught[i] += v
	}
	r.taps = len(taught)
}

func (r *recent) event() Event {
	n := float64(r.steps)
	e := Event{Loss: r.loss / n, Entropy: r.entropy / n, Accuracy: r.accuracy / n}
	for i := range r.taps {
		e.Teacher = append(e.Teacher, Distance{strings.Replace(taps[i], "conv", "relu", 1), r.taught[i] / n})
	}
	return e
}
