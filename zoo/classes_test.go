package zoo

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/weightstest"
	"oneiro/weights"
)

func TestClasses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "weights")
	one := weights.TensorSource{Name: "a", Shape: []int{1}, Layout: weights.O,
		Values: func() ([]float32, error) { return []float32{1}, nil }}
	if err := weights.WriteFolder(dir, nil, []weights.TensorSource{one}); err != nil {
		t.Fatal(err)
	}
	if classes, err := open(t, dir).Classes(); classes != nil || err != nil {
		t.Errorf("without a list: %v, %v", classes, err)
	}
	words := "n1 crane\nn2 daisy\r\nn3 Maltese dog, Maltese terrier\nn4 crane, derrick\n"
	weightstest.Write(t, filepath.Join(dir, classesName), []byte(words))
	classes, err := open(t, dir).Classes()
	if err != nil || len(classes) != 4 || !slices.Equal(classes[2].Names,
		[]string{"Maltese dog", "Maltese terrier"}) {
		t.Fatalf("%+v, %v", classes, err)
	}
	for name, want := range map[string]int{"daisy": 1, "Daisy": 1, "maltese terrier": 2, "N3": 2,
		"derrick": 3} {
		if got, err := FindClass(classes, name); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", name, got, err, want)
		}
	}
	for name, hint := range map[string]string{"crane": "0 or 3", "dasy": "daisy",
		"maltese": "mean Maltese dog, Maltese terrier?", "zzzzzz": "counted from 0"} {
		_, err := FindClass(classes, name)
		e, ok := errors.AsType[*UnknownClassError](err)
		if !ok || !strings.Contains(e.Hint(), hint) {
			t.Errorf("%s: %v, want a hint with %q", name, err, hint)
		}
	}
	weightstest.Write(t, filepath.Join(dir, classesName), []byte("n1 crane\n\n"))
	if _, err := open(t, dir).Classes(); !isFormat(err) {
		t.Errorf("an empty line: %v", err)
	}
}

func isFormat(err error) bool {
	_, ok := errors.AsType[*weights.FormatError](err)
	return ok
}

func TestSharedClasses(t *testing.T) {
	classes, err := open(t, fixture.Shared(t, "weights/googlenet_bvlc")).Classes()
	if err != nil || len(classes) != 1000 {
		t.Fatalf("%d classes, %v", len(classes), err)
	}
	if i, err := FindClass(classes, "daisy"); i != 985 || err != nil {
		t.Errorf("daisy is %d, %v", i, err)
	}
}
