package weights

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/npy"
	"oneiro/weights/internal/raw"
	"oneiro/weights/internal/tensorflow"
)

// openFolder opens a folder with a manifest, or else one of .npy files, or else one of raw files in the only
// layout in which they are known.
func openFolder(folder string, known func(*File) (bool, error)) (_ *container.Container, err error) {
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
	if slices.Contains(files, tensorflow.SavedModel) {
		return nil, &UnsupportedError{File: folder, Looks: "a SavedModel of TensorFlow without its weights",
			Advice: "put the folder variables beside saved_model.pb: they are in variables.index there, and " +
				"the .data files"}
	}
	if indexes := tensorflow.Indexes(folder); len(indexes) > 1 {
		return nil, &UnsupportedError{File: folder, Looks: "a folder with several checkpoints of TensorFlow",
			Advice: "give one of them, such as " + container.Clean(indexes[len(indexes)-1])}
	}
	guesses, err := raw.Guesses(root, folder, files)
	if err != nil {
		return nil, err
	}
	return choose(folder, guesses, known)
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
