package train

import (
	"math"

	"oneiro/internal/option"
)

// Settings are the options that the result depends on. Their JSON is part of checkpoints and trained files, so
// its keys stay as they are.
type Settings struct {
	Seed       uint64 `json:"seed"`  // of pictures and initial weights
	Iterations int    `json:"steps"` // number of steps; the learning rate reaches 0 at the last
	Batch      int    `json:"batch"` // pictures in a step
	Size       int    `json:"size"`  // side of a picture, in pixels

	LearningRate float64 `json:"rate"`      // of Adam, at its highest
	BodyRate     float64 `json:"body_rate"` // of all layers but the classifier, as a fraction of LearningRate
	WarmUp       int     `json:"warm_up"`   // steps until the learning rate is that high
	Decay        float64 `json:"decay"`     // weight decay in a step, as a fraction of the learning rate
	Smoothing    float64 `json:"smoothing"` // fraction of a label that is spread over all classes

	LabelWeight   float64 `json:"label_weight"`   // of the cross entropy in the loss
	TeacherWeight float64 `json:"teacher_weight"` // of each layer's distance from the teacher in the loss
}

// DefaultSettings are those of the built-in network.
func DefaultSettings() Settings {
	return Settings{
		Seed: 1, Iterations: 13000, Batch: 64, Size: 64,
		LearningRate: 2e-3, BodyRate: 1, WarmUp: 300, Decay: 0.02, Smoothing: 0.1,
		LabelWeight: 1, TeacherWeight: 12,
	}
}

// FineTuneSettings are those of a training that starts from a trained network. What its layers know of
// pictures in general is kept by a lower learning rate; the classifier is new.
func FineTuneSettings() Settings {
	s := DefaultSettings()
	s.Iterations, s.WarmUp, s.BodyRate = 600, 20, 0.5
	return s
}

// learningRate returns the learning rate at a place in the schedule, counted in steps: a linear warm-up, then
// half a period of a cosine (Loshchilov and Hutter, arXiv:1608.03983, without restarts).
func (s *Settings) learningRate(place float64) float64 {
	if place < float64(s.WarmUp) {
		return s.LearningRate * min((place+1)/float64(s.WarmUp), 1)
	}
	t := (place - float64(s.WarmUp)) / float64(max(s.Iterations-s.WarmUp, 1))
	return s.LearningRate * 0.5 * (1 + math.Cos(math.Pi*t))
}

// maxSteps is the largest number of training steps.
const maxSteps = 10_000_000

// maxWeight is the largest weight in the loss.
const maxWeight = 1e12

// SettingsTable has the options of Settings.
var SettingsTable = option.Table{
	{Name: "seed", Field: "Seed", Unit: "number", Help: "random seed of pictures and initial weights",
		Range: option.AtLeast(0), Changes: option.Result},
	{Name: "iterations", Field: "Iterations", Aliases: []string{"steps"}, Unit: "steps",
		Help: "number of training steps", Range: option.Between(1, maxSteps), Changes: option.Result},
	{Name: "batch", Field: "Batch", Unit: "pictures", Help: "pictures per step",
		Range: option.Between(2, 4096), Changes: option.Result | option.Memory}, // two for batch normalisation
	{Name: "size", Field: "Size", Unit: "pixels", Help: "side of a picture",
		Range: option.Between(16, 512), Changes: option.Result | option.Memory},
	{Name: "lr", Field: "LearningRate", Aliases: []string{"rate"}, Unit: "rate", Help: "highest learning rate",
		Range: option.Above(0).UpTo(1), Changes: option.Result},
	{Name: "body-lr", Field: "BodyRate", Unit: "fraction",
		Help:  "learning rate of all layers but the classifier, as a fraction of --lr",
		Range: option.Between(0, 1), Changes: option.Result},
	{Name: "warm-up", Field: "WarmUp", Unit: "steps",
		Help:  "steps until the learning rate is that high; it falls to 0 at the last step",
		Range: option.Between(0, maxSteps), Changes: option.Result},
	{Name: "decay", Field: "Decay", Unit: "decay",
		Help:  "weight decay per step, as a fraction of the learning rate",
		Range: option.Between(0, 10), Changes: option.Result},
	{Name: "smoothing", Field: "Smoothing", Unit: "fraction", Help: "fraction of a label spread over all classes",
		Range: option.Between(0, 0.99), Changes: option.Result},
	{Name: "label-weight", Field: "LabelWeight", Unit: "weight", Help: "weight of the labels in the loss",
		Range: option.Between(0, maxWeight), Changes: option.Result},
	{Name: "teacher-weight", Field: "TeacherWeight", Unit: "weight",
		Help:  "weight of each of the teacher's layers in the loss",
		Range: option.Between(0, maxWeight), Changes: option.Result},
}.In("Training")

// Validate checks each setting by itself. The error is an *option.Error with every mistake.
func (s *Settings) Validate() error { return SettingsTable.Check(s).Err() }
