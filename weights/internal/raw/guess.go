package raw

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
)

// Folders of raw float32 files without a manifest. If they are a chain of 3x3 convolutions, each of which
// takes what the one before gives, as VGG is, then names and lengths give the shapes. They do not give the
// layout, and programs differ: caffejs (github.com/chaosmail/caffejs, scripts/convert_caffemodel.py) writes
// conv1_1_filter.bin as OHWI and conv1_1_bias.bin, dumps of PyTorch's parameters are OIHW, those of
// TensorFlow's and of Frossard's arrays (conv1_1_W, conv1_1_b) are HWIO. So the numbers have to decide.

// roles are the ends of the names of files, without extension, in small letters.
var roles = []struct {
	end  string
	bias bool
}{
	{"weights", false}, {"weight", false}, {"filters", false}, {"filter", false}, {"kernel", false}, {"w",
		false},
	{"biases", true}, {"bias", true}, {"b", true},
}

// Advice says how to write a manifest.
const Advice = `add a manifest.json that says what the files are: {"format": "raw-float32-v1", ` +
	`"tensors": [{"name": "conv1_1.weight", "file": "conv1_1_w.bin", "dtype": "float32le", ` +
	`"layout": "OIHW", "shape": [64, 3, 3, 3]}, ...]}`

// layer is a layer of such a folder.
type layer struct {
	name         string
	weight, bias string // files, with slashes
	size, out    int64  // how many numbers they have
}

// Guesses returns the folder once for each layout that its files may have. It is open as root, and the files,
// with slashes, are in it. They share root: only one of the containers is to be closed.
func Guesses(root *os.Root, folder string, files []string) ([]*container.Container, error) {
	layers, err := findLayers(root, folder, files)
	if err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, &container.UnsupportedError{File: folder, Looks: "a folder without " + ManifestName,
			Advice: Advice}
	}
	var all []*container.Container
	for _, layout := range []container.Layout{container.OIHW, container.HWIO, container.OHWI} {
		c := &container.Container{Closer: root, Format: "folder of raw float32 files"}
		in := int64(3)
		for _, l := range layers {
			if l.size != 9*in*l.out {
				break // the classifier, or another network
			}
			size := map[rune]int64{'O': l.out, 'I': in, 'H': 3, 'W': 3}
			var shape []int
			for _, letter := range layout {
				shape = append(shape, int(size[letter]))
			}
			c.Tensors = append(c.Tensors, newTensor(root, folder, l.weight, l.name+".weight", layout, shape),
				newTensor(root, folder, l.bias, l.name+".bias", container.O, []int{int(l.out)}))
			in = l.out
		}
		if len(c.Tensors) > 0 {
			all = append(all, c)
		}
	}
	return all, nil
}

// findLayers finds files that are weight and bias of one layer, in the order of the numbers in their names.
func findLayers(root *os.Root, folder string, files []string) ([]layer, error) {
	found := map[string]*layer{}
	for _, file := range files {
		name, bias, ok := parseName(file)
		if !ok {
			continue
		}
		r, size, err := container.OpenRegular(root, folder, filepath.FromSlash(file), name)
		if err != nil {
			return nil, err
		}
		r.Close()
		if size == 0 || size%4 != 0 {
			continue
		}
		if found[name] == nil {
			found[name] = &layer{name: name}
		}
		if l := found[name]; bias {
			l.bias, l.out = file, size/4
		} else {
			l.weight, l.size = file, size/4
		}
	}
	var layers []layer
	for _, l := range found {
		if l.weight != "" && l.bias != "" {
			layers = append(layers, *l)
		}
	}
	sort.Slice(layers, func(i, j int) bool {
		a, b := layers[i].name, layers[j].name
		return cmp.Or(slices.Compare(numbersIn(a), numbersIn(b)), cmp.Compare(a, b)) < 0
	})
	return layers, nil
}

// parseName splits the name of a file: the layer, and whether it is its bias.
func parseName(file string) (layer string, bias, ok bool) {
	name := file
	for _, extension := range []string{".bin", ".raw", ".dat", ".f32"} {
		name = strings.TrimSuffix(name, extension)
	}
	for _, role := range roles {
		at := len(name) - len(role.end)
		if at > 1 && strings.EqualFold(name[at:], role.end) && strings.ContainsRune("._-", rune(name[at-1])) {
			return name[:at-1], role.bias, true
		}
	}
	return "", false, false
}

// numbersIn returns the numbers in a name.
func numbersIn(name string) []int {
	var all []int
	for _, digits := range strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(digits) // a number that is too long only affects the order
		all = append(all, n)
	}
	return all
}
