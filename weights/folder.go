package weights

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/npy"
	"oneiro/weights/internal/raw"
	"oneiro/weights/internal/tensorflow"
)

// openFolder opens a folder with a manifest, or else one of .npy files, or else one with a model in one file or
// in parts, or else one of raw files in the only layout in which they are known.
func openFolder(folder string, hints Hints) (_ *container.Container, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, container.In(folder).Unreadable(err)
	}
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	if _, err := root.Lstat(raw.ManifestName); !errors.Is(err, fs.ErrNotExist) {
		root.Close()
		return raw.OpenManifest(folder)
	}
	files, err := container.FilesIn(root, folder)
	if err != nil {
		return nil, err
	}
	var arrays []string
	for _, file := range files {
		if path.Ext(file) == ".npy" {
			arrays = append(arrays, file)
		}
	}
	if len(arrays) > 0 {
		return npy.OpenFolder(root, folder, arrays)
	}
	if looks := refusedNames[nameEnd(folder)]; looks.looks != "" {
		return nil, &UnsupportedError{File: folder, Looks: looks.looks, Advice: looks.advice}
	}
	if slices.Contains(files, tensorflow.SavedModel) {
		return nil, &UnsupportedError{File: folder, Looks: "a SavedModel of TensorFlow without its weights",
			Advice: "put the folder variables beside saved_model.pb: they are in variables.index there, and " +
				"the .data files"}
	}
	if indexes := tensorflow.Indexes(folder); len(indexes) > 1 {
		return nil, &UnsupportedError{File: folder, Looks: "a folder with several checkpoints of TensorFlow",
			Advice: "give one of them, such as " + container.Clean(indexes[len(indexes)-1])}
	}
	switch name, err := modelIn(folder, files); {
	case err != nil:
		return nil, err
	case name != "":
		root.Close()
		return openIn(folder, name, hints)
	}
	guesses, err := raw.Guesses(root, folder, files)
	if err != nil {
		return nil, err
	}
	return choose(folder, guesses, hints.Known)
}

// models are the names of files to open in a folder, in order of preference: the first pattern that matches a
// file wins. Hugging Face's folders have a model in several formats.
var models = []*regexp.Regexp{
	regexp.MustCompile(`\.safetensors\.index\.json$`),
	regexp.MustCompile(`-00001-of-\d{5}\.safetensors$`),
	regexp.MustCompile(`^model\.safetensors$`),
	regexp.MustCompile(`\.safetensors$`),
	regexp.MustCompile(`\.bin\.index\.json$`),
	regexp.MustCompile(`-00001-of-\d{5}\.bin$`),
	regexp.MustCompile(`^pytorch_model\.bin$`),
	regexp.MustCompile(`\.weights\.json$`),
	other,
}

// other matches the remaining kinds of files of weights, and model all kinds.
var (
	other = regexp.MustCompile(`(?i)\.(pth|pt|ckpt|pkl|npz|keras|h5|hdf5|caffemodel|mat|onnx|pb|weights)$`)
	model = regexp.MustCompile(other.String() + `|\.safetensors$|^pytorch_model\.bin$`)
)

// modelIn returns the file in a folder, itself and not one inside, that it is opened for, or nothing.
func modelIn(folder string, files []string) (string, error) {
	for _, pattern := range models {
		var found []string
		for _, file := range files {
			if path.Base(file) == file && pattern.MatchString(file) {
				found = append(found, file)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return "", &UnsupportedError{File: folder, Looks: "a folder with several files of weights",
				Advice: "give one of them, such as " + container.Clean(path.Join(folder, found[0]))}
		}
	}
	return "", nil
}

// openIn opens a file of a folder. It may be a link inside the folder, or to where a cache has its files.
func openIn(folder, name string, hints Hints) (*container.Container, error) {
	home, err := container.OpenHome(folder)
	if err != nil {
		return nil, err
	}
	r, size, err := home.Open(name, "") // which follows no other link
	home.Close()
	if err != nil {
		return nil, err
	}
	r.Close()
	return openNamed(filepath.Join(folder, name), size, hints)
}

// choose returns the only one of the guesses that is known.
func choose(folder string, guesses []*container.Container,
	known func(*File) (bool, error)) (*container.Container, error) {
	var chosen []*container.Container
	for _, c := range guesses {
		if known == nil {
			break
		}
		f, err := newFile(folder, c)
		if err != nil {
			return nil, err
		}
		ok, err := known(f)
		if err != nil {
			return nil, err
		}
		if ok {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) != 1 {
		return nil, &UnsupportedError{
			File: folder, Looks: "raw files whose layout is not known, and no " +
				raw.ManifestName, Advice: raw.Advice,
		}
	}
	return chosen[0], nil
}
