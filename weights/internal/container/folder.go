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
	return openRegular(root, file, In(filepath.Join(path, file)).Of(tensor))
}

func openRegular(root *os.Root, file string, place Place) (*os.File, int64, error) {
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

// Home is a model's folder, with what links in it may lead to: the folder itself, and, for a snapshot in
// Hugging Face's cache, whose files are links to ../../blobs, what is above both.
type Home struct {
	root        *os.Root
	dir, prefix string // the folder, and where it is in root
}

// OpenHome opens the folder dir of a model.
func OpenHome(dir string) (*Home, error) {
	h, top := &Home{dir: dir}, dir
	if full, err := filepath.Abs(dir); err == nil {
		for at := full; at != filepath.Dir(at); at = filepath.Dir(at) {
			snapshots := filepath.Dir(at)
			blobs, err := os.Lstat(filepath.Join(filepath.Dir(snapshots), "blobs"))
			if filepath.Base(snapshots) == "snapshots" && err == nil && blobs.IsDir() {
				top = filepath.Dir(snapshots)
				h.prefix = strings.TrimPrefix(full[len(top):], string(filepath.Separator))
				break
			}
		}
	}
	var err error
	if h.root, err = os.OpenRoot(top); err != nil {
		return nil, In(dir).Unreadable(err)
	}
	return h, nil
}

// Open opens a file of the folder as OpenRegular does.
func (h *Home) Open(file, tensor string) (*os.File, int64, error) {
	return openRegular(h.root, filepath.Join(h.prefix, file), In(h.Path(file)).Of(tensor))
}

// Path is where a file of the folder is, for messages.
func (h *Home) Path(file string) string { return filepath.Join(h.dir, file) }

// Close closes the folder, but not the files.
func (h *Home) Close() error { return h.root.Close() }

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
