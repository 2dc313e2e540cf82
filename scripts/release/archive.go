package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// file is a file in an archive.
type file struct {
	name    string // with slashes
	program bool   // may be run
	data    []byte
}

func (f *file) mode() int64 {
	if f.program {
		return 0o755
	}
	return 0o644
}

// under returns files in a folder.
func under(folder string, files []file) []file {
	moved := slices.Clone(files)
	for i := range moved {
		moved[i].name = path.Join(folder, moved[i].name)
	}
	return moved
}

// pack returns an archive, of a kind that its name says. Its bytes depend on nothing but the arguments: files
// are in the order of their names, all of one time, and belong to nobody.
func pack(name string, files []file, when time.Time) ([]byte, error) {
	files = slices.SortedFunc(slices.Values(files), func(a, b file) int { return strings.Compare(a.name, b.name) })
	var b bytes.Buffer
	write := packTar
	if strings.HasSuffix(name, ".zip") {
		write = packZip
	}
	err := write(&b, files, when)
	return b.Bytes(), err
}

func packTar(w io.Writer, files []file, when time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for i := range files {
		f := &files[i]
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode(), Size: int64(len(f.data)), ModTime: when}
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		if _, err := t.Write(f.data); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

func packZip(w io.Writer, files []file, when time.Time) error {
	z := zip.NewWriter(w)
	for i := range files {
		f := &files[i]
		entry, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: when})
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.data); err != nil {
			return err
		}
	}
	return z.Close()
}
