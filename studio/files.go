package studio

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// hidden is the folder of the studio's own files.
const hidden = ".studio"

// The folders inside the folder of a studio. All paths have slashes and are relative to that.
var (
	folders = []string{"in", "masks", "out", "weights"}        // that jobs may read
	shown   = []string{"in", "masks", "out"}                   // that are served
	own     = []string{"previews", "thumbs", "curves", "work"} // in hidden
)

// maxThumbs is how many small copies are kept from one start to the next.
const maxThumbs = 5000

// makeFolders makes the folders, and empties that of work in progress.
func (s *Server) makeFolders() error {
	for _, name := range append(slices.Clone(folders), "trash", hidden) {
		if err := s.root.MkdirAll(name, 0o777); err != nil {
			return err
		}
	}
	if err := s.root.RemoveAll(path.Join(hidden, "work")); err != nil {
		return err
	}
	if old, err := fs.ReadDir(s.root.FS(), path.Join(hidden, "thumbs")); err == nil && len(old) > maxThumbs {
		if err := s.root.RemoveAll(path.Join(hidden, "thumbs")); err != nil {
			return err
		}
	}
	for _, name := range own {
		if err := s.root.MkdirAll(path.Join(hidden, name), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// isIn returns whether a path is a plain path into one of the folders.
func isIn(file string, of []string) bool {
	folder, rest, ok := strings.Cut(file, "/")
	return ok && fs.ValidPath(file) && rest != "" && slices.Contains(of, folder) && !strings.ContainsAny(file, "\\\x00")
}

// openFile opens a file in one of the folders. A path that leads out of its folder, by links too, is not found.
func (s *Server) openFile(file string, of []string) (*os.File, fs.FileInfo, error) {
	info, err := s.stat(file, of)
	if err != nil || !info.Mode().IsRegular() { // a named pipe would wait for a writer
		return nil, nil, absent("there is no file " + quoted(file))
	}
	folder, name, _ := strings.Cut(file, "/")
	r, err := s.root.OpenRoot(folder)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	f, err := r.Open(name)
	if err != nil {
		return nil, nil, absent("there is no file " + quoted(file))
	}
	return f, info, nil
}

// errOutside means that a path is not a plain one into one of the folders.
var errOutside = errors.New("it leads out of the folder")

// stat returns what is known of a file in one of the folders, without opening it.
func (s *Server) stat(file string, of []string) (fs.FileInfo, error) {
	if !isIn(file, of) {
		return nil, errOutside
	}
	folder, name, _ := strings.Cut(file, "/")
	r, err := s.root.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Stat(name)
}

// isInput checks that a job may read a file.
func (s *Server) isInput(file string) *Error {
	if info, err := s.stat(file, folders); err != nil || !info.Mode().IsRegular() {
		return absent("there is no file " + quoted(file))
	}
	return nil
}

// inside checks that a word is not the path of a file outside the folders that jobs may read. A word for which
// there is no file is allowed: the command reports a missing file.
func (s *Server) inside(word string) *Error {
	outside := refused(quoted(word)+" leads out of the folder", "drop the file on the page, or put it into the folder")
	if strings.Contains(word, `\`) || strings.HasPrefix(word, "~") {
		return outside
	}
	clean := path.Clean(word)
	if !fs.ValidPath(clean) { // rooted, or up
		return outside
	}
	tooLong := func(part string) bool { return len(part) > 255 } // for any file: it is no name
	_, err := s.root.Lstat(clean)
	if errors.Is(err, fs.ErrNotExist) || slices.ContainsFunc(strings.Split(clean, "/"), tooLong) {
		return nil
	}
	if slices.Contains(folders, clean) || !strings.ContainsAny(clean, "/.") { // a word that happens to be a name
		return nil
	}
	if _, err := s.stat(clean, folders); err != nil {
		return outside
	}
	return nil
}

// freeName returns the first of name.ext, name-2.ext and so on in a folder that nothing has. Call it with
// moving locked until the name is taken.
func (s *Server) freeName(folder, name string) string {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 1; ; n++ {
		file := path.Join(folder, name)
		if n > 1 {
			file = path.Join(folder, stem+"-"+strconv.Itoa(n)+ext)
		}
		if _, err := s.root.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			return file
		}
	}
}

// cleanName returns the name of a file without folders, and without characters that have a meaning in a command
// line, in the value of an option or in a file system.
func cleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || !unicode.IsPrint(r) || strings.ContainsRune(`=:,;"'<>|?*%#`, r):
			return '_'
		case r == ' ':
			return '-'
		}
		return r
	}, name)
	name = strings.TrimLeft(name, ".-~")
	const longest = 100
	if ext := path.Ext(name); len(name) > longest && len(ext) < longest/2 {
		stem := name[:longest-len(ext)]
		for !utf8.ValidString(stem) {
			stem = stem[:len(stem)-1]
		}
		name = stem + ext
	}
	return strings.TrimRight(name, ". ")
}

// File is a file as the page lists it.
type File struct {
	File     string    `json:"file"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
	Seconds  float64   `json:"seconds,omitempty"` // of a film
}

// list returns the files of a folder that are not hidden, newest first.
func (s *Server) list(folder string) ([]File, error) {
	entries, err := fs.ReadDir(s.root.FS(), folder)
	if err != nil {
		return nil, err
	}
	all := []File{}
	for _, e := range entries {
		file := path.Join(folder, e.Name())
		info, err := s.stat(file, []string{folder})
		taken := info != nil && (info.Mode().IsRegular() || info.IsDir() && (folder == "weights" || folder == "in"))
		if err != nil || strings.HasPrefix(e.Name(), ".") || !taken {
			continue
		}
		all = append(all, File{File: file, Bytes: info.Size(), Modified: info.ModTime()})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Modified.After(all[j].Modified) })
	return all, nil
}

// pictures returns the pictures of a folder, newest first; of out also the films.
func (s *Server) pictures(folder string) ([]File, error) {
	all, err := s.list(folder)
	if err != nil {
		return nil, err
	}
	found := all[:0]
	for _, f := range all {
		if info, err := s.stat(f.File, shown); err != nil || folder != "out" && isFilm(f.File, info) {
			continue
		}
		if about := s.about(f.File); about != nil {
			f.Width, f.Height = about.Width, about.Height
			found = append(found, f)
		}
	}
	return found, nil
}
