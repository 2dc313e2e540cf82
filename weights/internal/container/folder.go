package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// OpenRegular opens a file inside root, which is the folder at path, for a tensor. Something else, such as a
// pipe, that would wait for ever, and a link that leads outside are FormatErrors.
func OpenRegular(root *os.Root, path, file, tensor string) (*os.File, int64, error) {
	place := In(filepath.Join(path, file)).Of(tensor)
	fail := func(err error) (*os.File, int64, error) {
		var fromSystem systemError
		if !errors.As(err, &fromSystem) && !errors.Is(err, fs.ErrClosed) { // os.Root's own refusal
			return nil, 0, place.Wrong("a link that leaves the folder", "a file inside the folder")
		}
		return nil, 0, place.Unreadable(err)
	}
	info, err := root.Stat(file)
	if err != nil {
		return fail(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, place.Wrong("something else", "a file")
	}
	r, err := root.Open(file)
	if err != nil {
		return fail(err)
	}
	return r, info.Size(), nil
}

// What is looked at in a folder: so many files and folders, and folders so deep.
const (
	MaxFolderFiles = 5_000
	maxFolderDepth = 4
)

// FilesIn lists the files in a folder and in those inside, links too, in the order of their names.
func FilesIn(root *os.Root, folder string) ([]string, error) {
	var files []string
	seen := 0
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		seen++
		switch {
		case err != nil:
			return err
		case seen > MaxFolderFiles:
			return In(folder).Wrong("more", fmt.Sprintf("a folder with at most %d files", MaxFolderFiles))
		case d.IsDir() && strings.Count(name, "/") >= maxFolderDepth:
			return fs.SkipDir
		case !d.IsDir():
			files = append(files, path.Clean(name))
		}
		return nil
	})
	var own *FormatError
	if err != nil && !errors.As(err, &own) {
		return nil, In(folder).Unreadable(err)
	}
	return files, err
}
