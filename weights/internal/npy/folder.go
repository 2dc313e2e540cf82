package npy

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"oneiro/weights/internal/container"
)

// OpenFolder opens a folder with one .npy file for each array, named after its file: those in folders
// inside have their names before theirs, with a slash. The files, with slashes, are in folder, which is open
// as root. OpenFolder takes over root unless it fails.
func OpenFolder(root *os.Root, folder string, files []string) (*container.Container, error) {
	c := &container.Container{Closer: root, Format: "folder of NumPy arrays (.npy)"}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".npy")
		e := container.Tensor{Name: name, File: filepath.Join(folder, filepath.FromSlash(file))}
		r, size, err := container.OpenRegular(root, folder, filepath.FromSlash(file), name)
		if err != nil {
			return nil, err
		}
		header, err := readHeader(&e, r, size)
		r.Close()
		if err != nil {
			return nil, err
		}
		e.Open = func() (io.ReadCloser, error) {
			r, _, err := container.OpenRegular(root, folder, filepath.FromSlash(file), name)
			if err != nil {
				return nil, err
			}
			if _, err := r.Seek(header.length, io.SeekStart); err != nil {
				r.Close()
				return nil, err
			}
			return r, nil
		}
		c.Tensors = append(c.Tensors, e)
	}
	return c, nil
}
