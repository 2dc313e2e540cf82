package train

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"oneiro/autodiff/optim"
	"oneiro/weights"
)

// The tensors of a checkpoint.
const vectorName, momentName, secondName = "parameters", "adam.moment", "adam.second"

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
	vector := func(name string, v []float32) weights.TensorSource {
		return weights.TensorSource{Name: name, Shape: []int{len(v)}, Layout: weights.O, Values: func() ([]float32, error) { return v, nil }}
	}
	meta := weights.Metadata{
		weights.KeyTraining: string(settings), weights.KeyStep: strconv.Itoa(t.step), weights.KeyTrainedClasses: string(classes),
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

// Resume goes on from the checkpoint at path. The errors are a *CheckpointError, if that is of a training with other
// settings, classes or network, and those of package weights; t is then where it was.
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
			return &CheckpointError{path, fmt.Sprintf("it has %d parameters, not %d", len(vectors[i]), len(t.params.vector))}
		}
	}
	copy(t.params.vector, vectors[0])
	t.adam.Restore(optim.AdamState{Steps: step, Moment: vectors[1], Second: vectors[2]})
	t.step = step
	return nil
}

// compare returns the step that a checkpoint with this metadata was saved at, and what is other than in this training,
// or "".
func (t *Trainer) compare(meta weights.Metadata) (step int, problem string) {
	step, err := strconv.Atoi(meta[weights.KeyStep])
	if err != nil || step < 0 {
		return 0, "it does not say how far that went"
	}
	var had Settings
	if err := json.Unmarshal([]byte(meta[weights.KeyTraining]), &had); err != nil {
		return 0, "its settings cannot be read"
	}
	old, now := reflect.ValueOf(had), reflect.ValueOf(t.options.Settings)
	for i := range old.NumField() {
		if a, b := old.Field(i).Interface(), now.Field(i).Interface(); a != b {
			name := strings.ReplaceAll(old.Type().Field(i).Tag.Get("json"), "_", "-")
			return 0, fmt.Sprintf("its %s is %v, not %v", name, a, b)
		}
	}
	if had := meta[weights.KeyTeacherNetwork]; had != "" && had != t.teacherName() {
		return 0, fmt.Sprintf("its teacher is %s, not %s", had, t.teacherName())
	}
	if classes, err := json.Marshal(t.options.Source.Classes()); err != nil || meta[weights.KeyTrainedClasses] != string(classes) {
		return 0, "its classes are others"
	}
	return step, ""
}
