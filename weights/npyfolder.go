package weights

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// What is looked at in a folder: so many files and folders, and folders so deep.
const (
	maxFolderFiles = 5_000
	maxFolderDepth = 4
)

// npyFolder is a folder with one .npy file for each array, which is called as its file: those in folders inside
// have their names before theirs, with a slash.
type npyFolder struct {
	root *os.Root
	all  []entry
}

func (f *npyFolder) format() string   { return "folder of NumPy arrays (.npy)" }
func (f *npyFolder) entries() []entry { return f.all }
func (f *npyFolder) Close() error     { return f.root.Close() }

// openNPYFolder takes over root unless it fails. Files are inside folder, with slashes.
func openNPYFolder(root *os.Root, folder string, files []string) (container, error) {
	f := &npyFolder{root: root}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".npy")
		e := entry{name: name, file: filepath.Join(folder, filepath.FromSlash(file))}
		r, size, err := openRegular(root, folder, filepath.FromSlash(file), name)
		if err != nil {
			return nil, err
		}
		header, err := e.readNPY(r, size)
		r.Close()
		if err != nil {
			return nil, err
		}
		e.open = func() (io.ReadCloser, error) {
			r, _, err := openRegular(root, folder, filepath.FromSlash(file), name)
			if err != nil {
				return nil, err
			}
			if _, err := r.Seek(header.length, io.SeekStart); err != nil {
				r.Close()
				return nil, err
			}
			return r, nil
		}
		f.all = append(f.all, e)
	}
	return f, nil
}

// folderFiles lists the files in a folder and in those inside, links too, in the order of their names.
func folderFiles(root *os.Root, folder string) ([]string, error) {
	var files []string
	seen := 0
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		seen++
		switch {
		case err != nil:
			return err
		case seen > maxFolderFiles:
			return &FormatError{folder, "", "more", fmt.Sprintf("a folder with at most %d files", maxFolderFiles)}
		case d.IsDir() && strings.Count(name, "/") >= maxFolderDepth:
			return fs.SkipDir
		case !d.IsDir():
			files = append(files, path.Clean(name))
		}
		return nil
	})
	var own *FormatError
	if err != nil && !errors.As(err, &own) {
		return nil, &ReadError{folder, "", err}
	}
	return files, err
}
