package train

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

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
	adam := t.adam.State().Vectors
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
		weights.KeySpent:          strconv.FormatInt(int64(t.spent), 10),
	}
	meta.Set(weights.KeyStart, t.options.StartName)
	meta[weights.KeyChecksum] = checksum(meta, t.params.vector, adam[0], adam[1])
	return weights.WriteSafetensors(w, meta, []weights.TensorSource{
		vector(vectorName, t.params.vector), vector(momentName, adam[0]), vector(secondName, adam[1]),
	})
}

// checksum returns the SHA-256 of a checkpoint: of what it says of itself, but for the checksum, and of its
// numbers. Other programs may have keys of their own in the metadata.
func checksum(meta weights.Metadata, vectors ...[]float32) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if strings.HasPrefix(key, "oneiro.") && key != weights.KeyChecksum {
			fmt.Fprintf(h, "%q=%q\n", key, meta[key])
		}
	}
	var bytes []byte
	for _, v := range vectors {
		bytes = bytes[:0]
		for _, x := range v {
			bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(x))
		}
		h.Write(bytes)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// teacherName returns the name of the teacher's network.
func (t *Trainer) teacherName() string {
	if t.options.Teacher == nil {
		return "none"
	}
	return t.options.Teacher.Name
}

// Resume goes on from the checkpoint at path. The errors are a *CheckpointError, if settings, classes, teacher
// or start differ, a *DamagedError, and those of package weights; t is unchanged then.
func (t *Trainer) Resume(path string) error {
	f, err := weights.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var vectors [3][]float32
	for i, name := range []string{vectorName, momentName, secondName} {
		if vectors[i], err = f.Plain(name); err != nil {
			return err
		}
	}
	meta := f.Metadata()
	if sum := meta[weights.KeyChecksum]; sum != "" && sum != checksum(meta, vectors[:]...) {
		return &DamagedError{File: path, Problem: "its checksum is wrong"}
	}
	other := func(problem string) error { return &CheckpointError{File: path, Of: "training", Problem: problem} }
	step, problem := t.compare(meta)
	if problem != "" {
		return other(problem)
	}
	for _, v := range vectors {
		if len(v) != len(t.params.vector) {
			return other(fmt.Sprintf("it has %d parameters, not %d", len(v), len(t.params.vector)))
		}
	}
	spent, err := strconv.ParseInt(cmp.Or(meta[weights.KeySpent], "0"), 10, 64)
	if err != nil || spent < 0 {
		return other("it does not say how long it took")
	}
	adam, err := t.adam.Restore([]float64{float64(step)})
	if err != nil {
		return other(err.Error())
	}
	for i, v := range adam.Vectors {
		t.options.Backend.Copy(v, vectors[1+i])
	}
	t.spent = time.Duration(spent)
	copy(t.params.vector, vectors[0])
	t.step, t.lastFolded = step, nil
	return nil
}

// compare returns the step of a checkpoint with this metadata, and how it differs from this training, or "".
func (t *Trainer) compare(meta weights.Metadata) (step int, problem string) {
	step, err := strconv.Atoi(meta[weights.KeyStep])
	if err != nil || step < 0 {
		return 0, "it does not say at which step it was saved"
	}
	const random = "random numbers"
	if had, now := cmp.Or(meta[weights.KeyStart], random), cmp.Or(t.options.StartName, random); had != now {
		return 0, fmt.Sprintf("it started from %s, not %s", had, now)
	}
	had := DefaultSettings() // old checkpoints lack some
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
