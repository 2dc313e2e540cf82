package weights

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Folders of raw float32 files without a manifest. If they are a chain of 3x3 convolutions, each of which takes what the
// one before gives, as VGG is, then names and lengths give the shapes. They do not give the layout, and programs differ:
// caffejs (github.com/chaosmail/caffejs, scripts/convert_caffemodel.py) writes conv1_1_filter.bin as OHWI and
// conv1_1_bias.bin, dumps of PyTorch's parameters are OIHW, those of TensorFlow's and of Frossard's arrays
// (conv1_1_W, conv1_1_b) are HWIO. So the numbers decide: a folder is read if the caller knows it in exactly one layout.

// rawRoles are the ends of the names of files, without extension, in small letters.
var rawRoles = []struct {
	end  string
	bias bool
}{
	{"weights", false}, {"weight", false}, {"filters", false}, {"filter", false}, {"kernel", false}, {"w", false},
	{"biases", true}, {"bias", true}, {"b", true},
}

// rawAdvice says how to write a manifest.
const rawAdvice = `add a manifest.json that says what the files are: {"format": "raw-float32-v1", "tensors": [{"name": "conv1_1.weight", ` +
	`"file": "conv1_1_w.bin", "dtype": "float32le", "layout": "OIHW", "shape": [64, 3, 3, 3]}, ...]}`

// rawGuess is such a folder.
type rawGuess struct{ rawFolder }

func (f *rawGuess) format() string { return "folder of raw float32 files" }

// rawLayer is a layer of such a folder.
type rawLayer struct {
	name         string
	weight, bias string // files, with slashes
	size, out    int64  // how many numbers they have
}

// openRawGuess takes over root unless it fails.
func openRawGuess(root *os.Root, folder string, files []string, known func(*File) (bool, error)) (container, error) {
	layers, err := rawLayers(root, folder, files)
	if err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, &UnsupportedError{File: folder, Looks: "a folder without " + manifestName, Advice: rawAdvice}
	}
	var guess *rawGuess
	for _, layout := range []Layout{OIHW, HWIO, OHWI} {
		f := &rawGuess{rawFolder{root: root}}
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
			f.all = append(f.all, rawEntry(root, folder, l.weight, l.name+".weight", layout, shape),
				rawEntry(root, folder, l.bias, l.name+".bias", O, []int{int(l.out)}))
			in = l.out
		}
		if len(f.all) == 0 || known == nil {
			continue
		}
		file, err := newFile(folder, f)
		if err != nil {
			return nil, err
		}
		ok, err := known(file)
		if err != nil {
			return nil, err
		}
		if ok && guess == nil {
			guess = f
		} else if ok {
			guess = nil
			break
		}
	}
	if guess == nil {
		return nil, &UnsupportedError{File: folder, Looks: "raw files whose layout is not known, and no " + manifestName, Advice: rawAdvice}
	}
	return guess, nil
}

// rawLayers finds files that are weight and bias of one layer, in the order of the numbers in their names.
func rawLayers(root *os.Root, folder string, files []string) ([]rawLayer, error) {
	found := map[string]*rawLayer{}
	for _, file := range files {
		name, bias, ok := rawName(file)
		if !ok {
			continue
		}
		r, size, err := openRegular(root, folder, filepath.FromSlash(file), name)
		if err != nil {
			return nil, err
		}
		r.Close()
		if size == 0 || size%4 != 0 {
			continue
		}
		if found[name] == nil {
			found[name] = &rawLayer{name: name}
		}
		if l := found[name]; bias {
			l.bias, l.out = file, size/4
		} else {
			l.weight, l.size = file, size/4
		}
	}
	var layers []rawLayer
	for _, l := range found {
		if l.weight != "" && l.bias != "" {
			layers = append(layers, *l)
		}
	}
	slices.SortFunc(layers, func(a, b rawLayer) int {
		return cmp.Or(slices.Compare(numbersIn(a.name), numbersIn(b.name)), cmp.Compare(a.name, b.name))
	})
	return layers, nil
}

// rawName takes the name of a file apart: the layer, and what of it there is.
func rawName(file string) (layer string, bias, ok bool) {
	name := file
	for _, extension := range []string{".bin", ".raw", ".dat", ".f32"} {
		name = strings.TrimSuffix(name, extension)
	}
	for _, role := range rawRoles {
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
		n, _ := strconv.Atoi(digits) // too long a number is as good as another
		all = append(all, n)
	}
	return all
}
