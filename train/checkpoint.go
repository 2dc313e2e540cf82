package train

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"oneiro/autodiff/optim"
	"oneiro/weights"
)

// The tensors of a checkpoint.
const vectorName, momentName, secondName = "parameters", "adam.moment", "adam.second"

// Save writes a checkpoint: a safetensors file with all that Resume needs to go on as if the training had
// never stopped.
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
	vector := func(name string, v []float32) weights.TensorSource {
		return weights.TensorSource{
			Name: name, Shape: []int{len(v)}, Layout: weights.O,
			Values: func() ([]float32, error) { return v, nil },
		}
	}
	meta := weights.Metadata{
		weights.KeyTraining:       string(settings),
		weights.KeyStep:           strconv.Itoa(t.step),
		weights.KeyTrainedClasses: string(classes),
		weights.KeyTeacherNetwork: t.teacherName(),
	}
	return weights.WriteSafetensors(w, meta, []weights.TensorSource{
		vector(vectorName, t.params.vector), vector(momentName, state.Moment), vector(secondName, state.Second),
	})
}

// teacherName returns the name of the teacher's network.
func (t *Trainer) teacherName() string {
	if t.options.Teacher == nil {
		return "none"
	}
	return t.options.Teacher.Name
}

// Resume goes on from the checkpoint at path. The errors are a *CheckpointError, if settings, classes or
// teacher differ, and those of package weights; t is unchanged then.
func (t *Trainer) Resume(path string) error {
	f, err := weights.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	step, problem := t.compare(f.Metadata())
	if problem != "" {
		return &CheckpointError{path, problem}
	}
	var vectors [3][]float32
	for i, name := range []string{vectorName, momentName, secondName} {
		if vectors[i], err = f.Plain(name); err != nil {
			return err
		}
		if len(vectors[i]) != len(t.params.vector) {
			return &CheckpointError{path,
				fmt.Sprintf("it has %d parameters, not %d", len(vectors[i]), len(t.params.vector))}
		}
	}
	copy(t.params.vector, vectors[0])
	t.adam.Restore(optim.AdamState{Steps: step, Moment: vectors[1], Second: vectors[2]})
	t.step, t.lastFolded = step, nil
	return nil
}

// compare returns the step of a checkpoint with this metadata, and how it differs from this training, or "".
func (t *Trainer) compare(meta weights.Metadata) (step int, problem string) {
	step, err := strconv.Atoi(meta[weights.KeyStep])
	if err != nil || step < 0 {
		return 0, "it does not say at which step it was saved"
	}
	var had Settings
	if err := json.Unmarshal([]byte(meta[weights.KeyTraining]), &had); err != nil {
		return 0, "its settings cannot be read"
	}
	for i := range SettingsTable {
		o := &SettingsTable[i]
		if old, now := o.Of(&had).String(), o.Of(&t.options.Settings).String(); old != now {
			return 0, fmt.Sprintf("it was started with --%s %s, not %s", o.Name, old, now)
		}
	}
	if had := meta[weights.KeyTeacherNetwork]; had != "" && had != t.teacherName() {
		return 0, fmt.Sprintf("its teacher was %s, not %s", had, t.teacherName())
	}
	classes, err := json.Marshal(t.options.Source.Classes())
	if err != nil || meta[weights.KeyTrainedClasses] != string(classes) {
		return 0, "it has other classes"
	}
	return step, ""
}
