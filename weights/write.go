package weights

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"oneiro/internal/atomicfile"
	"oneiro/weights/internal/raw"
	"oneiro/weights/internal/safetensors"
)

// TensorSource is a tensor to be written.
type TensorSource struct {
	Name   string
	Shape  []int
	Layout Layout // what the sizes in Shape mean
	Half   bool   // as float16, to the nearest
	// Values returns the numbers in the order of Shape, the last index fastest.
	Values func() ([]float32, error)
	// Stream hands them to put in pieces of any length, which put does not keep, and returns the first error
	// of put. If it is not nil, it is used in place of Values.
	Stream func(put func([]float32) error) error
}

// Each hands the numbers to put, as Stream does.
func (t *TensorSource) Each(put func([]float32) error) error {
	if t.Stream != nil {
		return t.Stream(put)
	}
	values, err := t.Values()
	if err != nil {
		return err
	}
	return put(values)
}

// WriteFolder writes tensors as a folder with a manifest, in the format raw-float32-v1 that Open reads. The
// folder must not be there. It appears when it is complete, or not at all.
//
// The errors are those of the sources and WriteError.
func WriteFolder(path string, meta Metadata, tensors []TensorSource) error {
	var failed error // of the tensors, which is no fault of the folder
	err := atomicfile.WriteFolder(path, func(dir string) error {
		failed = fillFolder(path, dir, meta, tensors)
		return failed
	})
	if err == nil || failed != nil {
		return failed
	}
	return &WriteError{path, errors.Unwrap(err)}
}

// fillFolder writes the files of a folder, which is called dir until it gets its path. The errors are those of
// the sources, and WriteError.
func fillFolder(path, dir string, meta Metadata, tensors []TensorSource) error {
	fail := func(err error) error { return &WriteError{path, err} }
	m := raw.Manifest{Format: raw.FormatName, Metadata: meta}
	for i, t := range tensors {
		var unread error // of the source, rather than the folder
		plain := safetensors.Source{Name: t.Name, Shape: t.Shape, Values: func(put func([]float32) error) error {
			var unwritten error
			err := t.Each(func(values []float32) error {
				unwritten = put(values)
				return unwritten
			})
			if unwritten == nil {
				unread = err
			}
			return err
		}}
		file := fmt.Sprintf("%03d.bin", i) // names of tensors may not be names of files
		sum := sha256.New()
		if err := writeFile(filepath.Join(dir, file), func(w io.Writer) error {
			return plain.WriteValues(io.MultiWriter(w, sum))
		}); unread != nil {
			return unread
		} else if err != nil {
			return fail(err)
		}
		m.Tensors = append(m.Tensors, raw.ManifestTensor{
			Name: t.Name, File: file, DType: raw.DType, Layout: t.Layout, Shape: t.Shape,
			SHA256: hex.EncodeToString(sum.Sum(nil)),
		})
	}
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return fail(err)
	}
	if err := writeFile(filepath.Join(dir, raw.ManifestName), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	}); err != nil {
		return fail(err)
	}
	return nil
}

// WriteSafetensors writes tensors as a safetensors file. One tensor is in memory at a time, or
// less if its source streams it. The errors are those of the sources and w, and HalfError.
func WriteSafetensors(w io.Writer, meta Metadata, tensors []TensorSource) error {
	metadata := Metadata{}
	maps.Copy(metadata, meta)
	metadata["format"] = "pt" // what others look for before they read it
	out := make([]safetensors.Source, len(tensors))
	for i, t := range tensors {
		out[i] = safetensors.Source{Name: t.Name, Shape: t.Shape, Half: t.Half, Values: t.Each}
	}
	return safetensors.Write(w, out, metadata)
}

// writeFile makes a file and has it on the disk before it returns.
func writeFile(path string, fill func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
