package weights_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

// safe is a safetensors file with vectors of two numbers, n and n+1, by names and n.
func safe(names ...string) []byte {
	var header []string
	var data []byte
	for i, name := range names {
		header = append(header, fmt.Sprintf(`%q:{"dtype":"F32","shape":[2],"data_offsets":[%d,%d]}`, name, 8*i, 8*i+8))
		n := float32(len(name))
		data = append(data, weightstest.Float32s([]float32{n, n + 1})...)
	}
	text := "{" + strings.Join(header, ",") + "}"
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), []byte(text), data)
}

// folder writes files into a folder, by name and content.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		weightstest.Write(t, filepath.Join(dir, name), data)
	}
	return dir
}

const timm = `{"architecture": "vgg19", "num_classes": 1000, "pretrained_cfg": {"tag": "tv_in1k",
	"mean": [0.5, 0.25, 0.125], "std": [0.25, 0.5, 2]}}`

func TestParts(t *testing.T) {
	list := []byte(`{"metadata": {"total_size": 48}, "weight_map": {"a": "model-00001-of-00002.safetensors",
		"bb": "model-00002-of-00002.safetensors", "ccc": "model-00001-of-00002.safetensors"}}`)
	dir := folder(t, map[string][]byte{"model.safetensors.index.json": list, "config.json": []byte(timm),
		"model-00001-of-00002.safetensors": safe("a", "ccc"), "model-00002-of-00002.safetensors": safe("bb"),
		"README.md": []byte("a model")})
	for _, path := range []string{".", "model.safetensors.index.json", "model-00002-of-00002.safetensors"} {
		f := opentest.Open(t, filepath.Join(dir, path))
		if names := opentest.Names(f); !slices.Equal(names, []string{"a", "ccc", "bb"}) {
			t.Errorf("%s: %q", path, names)
		}
		if got, err := f.Tensor("bb", 2); err != nil || !slices.Equal(got, []float32{2, 3}) {
			t.Errorf("%s: %v, %v", path, got, err)
		}
		if f.Format() != "safetensors in 2 parts" || f.Metadata()[weights.KeyArchitecture] != "vgg19" {
			t.Errorf("%s: %s, %q", path, f.Format(), f.Metadata())
		}
	}
	if err := os.Remove(filepath.Join(dir, "model-00002-of-00002.safetensors")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{".", "model.safetensors.index.json", "model-00001-of-00002.safetensors"} {
		_, err := weights.Open(filepath.Join(dir, path))
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Error(),
			"model-00002-of-00002.safetensors") {
			t.Errorf("%s: %v", path, e)
		}
	}
}

func TestListsThatLie(t *testing.T) {
	for name, list := range map[string]string{
		"empty": `{"weight_map": {}}`, "no map": `{"metadata": {}}`, "no JSON": `{`, "a number": `{"weight_map": {"a": 1}}`,
		"a folder above": `{"weight_map": {"a": "../x.safetensors"}}`, "itself": `{"weight_map": {"a": "m.index.json"}}`,
		"a list in a list": `{"weight_map": {"a": [["x"]]}}`,
	} {
		dir := folder(t, map[string][]byte{"m.index.json": []byte(list)})
		_, err := weights.Open(filepath.Join(dir, "m.index.json"))
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.FormatError](t, err) })
	}
	dir := folder(t, map[string][]byte{"m.index.json": []byte(`{"weight_map": {"a": "x", "b": "y"}}`),
		"x": safe("a", "b"), "y": safe("b")})
	_, err := weights.Open(filepath.Join(dir, "m.index.json"))
	weightstest.Refused[*weights.FormatError](t, err)
}

// A folder is opened for the one model in it, in the best of the formats that it comes in.
func TestFolders(t *testing.T) {
	a, b := safe("a"), safe("b")
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string // the tensor; empty if the folder is refused
	}{
		"one file":      {map[string][]byte{"x.safetensors": a, "notes.txt": b}, "a"},
		"two":           {map[string][]byte{"x.safetensors": a, "y.safetensors": b}, ""},
		"one called so": {map[string][]byte{"model.safetensors": a, "y.safetensors": b}, "a"},
		"two formats":   {map[string][]byte{"pytorch_model.bin": b, "model.safetensors": a}, "a"},
		"a file of torch": {map[string][]byte{"x.pth": weightstest.TorchZipped(weightstest.PkDict("a",
			weightstest.Eight), "0")}, "a"},
		"none":       {map[string][]byte{"notes.txt": a}, ""},
		"one inside": {map[string][]byte{"inside/x.safetensors": a}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := weights.Open(folder(t, c.files))
			if c.want == "" {
				weightstest.Refused[*weights.UnsupportedError](t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if names := opentest.Names(f); !slices.Equal(names, []string{c.want}) {
				t.Errorf("%q", names)
			}
		})
	}
}

func TestDescriptions(t *testing.T) {
	for name, c := range map[string]struct {
		file, description, text string
		mean                    []float64
	}{
		"timm":      {"model.safetensors", "config.json", timm, []float64{.5, .25, .125}},
		"timm, old": {"pytorch_model.bin", "config.json", `{"mean": [0.5], "std": [0.5]}`, []float64{.5}},
		"transformers": {"model.safetensors", "preprocessor_config.json",
			`{"image_mean": [1, 2, 3], "image_std": [1, 1, 1]}`, []float64{1, 2, 3}},
		"not done": {"model.safetensors", "preprocessor_config.json",
			`{"do_normalize": false, "image_mean": [1, 2, 3], "image_std": [1, 1, 1]}`, nil},
		"another file":   {"a.safetensors", "config.json", timm, nil},
		"two colours":    {"model.safetensors", "config.json", `{"mean": [1, 2], "std": [1, 2]}`, nil},
		"a division":     {"model.safetensors", "config.json", `{"mean": [1], "std": [0]}`, nil},
		"something else": {"model.safetensors", "config.json", `[1, 2]`, nil},
		"damaged":        {"model.safetensors", "config.json", `{"mean": [1`, nil},
	} {
		dir := folder(t, map[string][]byte{c.file: safe("a"), c.description: []byte(c.text)})
		in, err := opentest.Open(t, filepath.Join(dir, c.file)).Input()
		if err != nil || !slices.Equal(in.Mean, c.mean) || len(in.Deviation) != len(c.mean) {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
}

// A snapshot in Hugging Face's cache has links in place of files.
func TestSnapshot(t *testing.T) {
	cache := folder(t, map[string][]byte{"models--a/blobs/1": safe("a"), "models--a/blobs/2": []byte(timm),
		"secret": safe("secret"), "models--a/snapshots/0/x": nil})
	snapshot := filepath.Join(cache, "models--a/snapshots/0")
	for name, to := range map[string]string{"model.safetensors": "../../blobs/1", "config.json": "../../blobs/2"} {
		if err := os.Symlink(to, filepath.Join(snapshot, name)); err != nil {
			t.Skip(err)
		}
	}
	for _, path := range []string{"", "model.safetensors"} {
		f := opentest.Open(t, filepath.Join(snapshot, path))
		if in, err := f.Input(); err != nil || len(in.Mean) != 3 || !f.Has("a") {
			t.Errorf("%q: %+v, %v", path, in, err)
		}
	}
	if err := os.Remove(filepath.Join(snapshot, "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../secret", filepath.Join(snapshot, "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	_, err := weights.Open(snapshot)
	weightstest.Refused[*weights.FormatError](t, err)
}
