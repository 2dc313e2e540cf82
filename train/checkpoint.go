package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"oneiro/autodiff/optim"
	"oneiro/weights"
)

// The tensors and notes of a checkpoint.
const (
	vectorName, momentName, secondName = "parameters", "adam.moment", "adam.second"
	settingsKey, stepKey, classesKey   = "oneiro.training", "oneiro.step", "oneiro.trained-classes"
)

// Save writes a checkpoint: a safetensors file of all that Resume needs to go on as if nothing had happened.
func (t *Trainer) Save(w io.Writer) error {
	settings, err := json.Marshal(t.options.Settings)
	if err != nil {
		return err
	}
	classes, err := json.Marshal(t.options.Source.Classes())
	if err != nil {
		return err
	}
	state := t.adam.State()
	vector := func(name string, v []float32) weights.Output {
		return weights.Output{Name: name, Shape: []int{len(v)}, Layout: weights.O, Values: func() ([]float32, error) { return v, nil }}
	}
	notes := map[string]string{settingsKey: string(settings), stepKey: strconv.Itoa(t.step), classesKey: string(classes)}
	return weights.WriteSafetensors(w, weights.Facts{Notes: notes}, []weights.Output{
		vector(vectorName, t.params.vector), vector(momentName, state.Moment), vector(secondName, state.Second),
	})
}

// ErrOther says that a checkpoint is of a training with other settings, classes or network.
var ErrOther = errors.New("the checkpoint is of another training")

// Resume goes on from the checkpoint at path. The errors are ErrOther and those of weights.Open; t is then
// where it was.
func (t *Trainer) Resume(path string) error {
	f, err := weights.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	notes := f.Notes()
	settings, _ := json.Marshal(t.options.Settings)
	classes, _ := json.Marshal(t.options.Source.Classes())
	step, err := strconv.Atoi(notes[stepKey])
	if err != nil || notes[settingsKey] != string(settings) || notes[classesKey] != string(classes) {
		return fmt.Errorf("%w: %s has %s, not %s", ErrOther, path, notes[settingsKey], settings)
	}
	var vectors [3][]float32
	for i, name := range []string{vectorName, momentName, secondName} {
		if vectors[i], err = f.Plain(name); err != nil {
			return err
		}
		if len(vectors[i]) != len(t.params.vector) {
			return fmt.Errorf("%w: %s has %d parameters, not %d", ErrOther, path, len(vectors[i]), len(t.params.vector))
		}
	}
	copy(t.params.vector, vectors[0])
	t.adam.Restore(optim.AdamState{Steps: step, Moment: vectors[1], Second: vectors[2]})
	t.step = step
	return nil
}
