package weights

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
)

// openFolder opens a folder with a manifest, or else one of .npy files, or else one of raw files whose layout
// their numbers tell.
func openFolder(folder string, hints Hints) (_ container, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, &ReadError{folder, "", err}
	}
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	if _, err := root.Lstat(manifestName); !errors.Is(err, fs.ErrNotExist) {
		root.Close()
		return openRawFolder(folder)
	}
	files, err := folderFiles(root, folder)
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
		return openNPYFolder(root, folder, arrays)
	}
	if slices.Contains(files, savedModel) {
		return nil, &UnsupportedError{File: folder, Looks: "a SavedModel of TensorFlow without its weights",
			Advice: "put the folder variables beside saved_model.pb: they are in variables.index there, and the .data files"}
	}
	if indexes := indexesIn(folder); len(indexes) > 1 {
		return nil, &UnsupportedError{File: folder, Looks: "a folder with several checkpoints of TensorFlow",
			Advice: "give one of them, such as " + clean(indexes[len(indexes)-1])}
	}
	return openRawGuess(root, folder, files, hints.Known)
}
