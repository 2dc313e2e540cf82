package train

import (
	"strings"
	"time"
)

// Event is the progress of a training. Numbers are means since the previous event.
type Event struct {
	Step, Steps  int
	LearningRate float64 // of the last step
	Loss         float64
	Entropy      float64 // cross entropy of the labels
	Accuracy     float64 // on the pictures of training, in 0..1
	Teacher      []Distance
	Elapsed      time.Duration
	Left         time.Duration // until the end of the training, about
	// PicturesPerSecond and FLOPS, floating-point operations per second as the graph counts them, include
	// the time for drawing the pictures.
	PicturesPerSecond, FLOPS float64
}

// Distance is how far a layer is from the teacher's: the mean squared difference after the ReLU, divided by
// the mean square of the teacher's.
type Distance struct {
	Layer string
	Value float64
}

// Progress is how far a task that follows the training has come. The first of a task has Done 0, the last has
// Done equal to Of.
type Progress struct {
	Task     Task
	Done, Of int // pictures
}

// Task is what a network goes through pictures for, in words for people.
type Task string

// The tasks.
const (
	Measuring Task = "measuring the layers"
	Testing   Task = "testing"
)

// recent sums up the steps since the last event.
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
