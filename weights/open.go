package weights

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/caffe"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/darknet"
	"oneiro/weights/internal/hdf5"
	"oneiro/weights/internal/mat"
	"oneiro/weights/internal/npy"
	"oneiro/weights/internal/onnx"
	"oneiro/weights/internal/pickle"
	"oneiro/weights/internal/raw"
	"oneiro/weights/internal/safetensors"
	"oneiro/weights/internal/tensorflow"
	"oneiro/weights/internal/torch"
)

// Hints are what the caller knows of networks whose files do not describe themselves.
type Hints struct {
	// Darknet lists the networks whose darknet files are read: these have numbers and no names.
	Darknet []DarknetNetwork
	// Known says whether the file, a folder of raw numbers read in a layout that may be the wrong one, is of a
	// known network. Without it no folder is read that has no manifest.
	Known func(*File) (bool, error)
}

// DarknetNetwork is a network whose darknet files are read.
type DarknetNetwork = darknet.Network

// DarknetLayer is a convolution of such a network, or a dense layer if its kernel is 0.
type DarknetLayer = darknet.Layer

// Formats whose files all expect pictures in one way, as File.Format returns them.
const (
	DarknetFormat = darknet.Format
	MATLABFormat  = mat.Format
)

// Open opens a file or folder of weights. The format is detected from the content, not from the name. A
// checkpoint of TensorFlow that consists of several files is opened by any of them, by what their names have
// in common, or by the folder that it or its SavedModel is in; a model of Hugging Face's or Keras' in several
// parts by any of them, by the list of them, or by its folder; any other file also by its folder, if that has
// no other.
//
// The errors are ReadError, UnsupportedError, FormatError, TruncatedError and TypeError.
func Open(path string) (*File, error) { return OpenWith(path, Hints{}) }

// OpenWith is Open with hints.
func OpenWith(path string, hints Hints) (*File, error) {
	if err := refuseAddress(path); err != nil {
		return nil, err
	}
	if !hasManifest(path) {
		path = tensorflow.CheckpointOf(path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, container.In(path).Unreadable(err)
	}
	switch {
	case info.IsDir():
		c, err := openFolder(path, hints)
		if err != nil {
			return nil, err
		}
		return newFile(path, c)
	case !info.Mode().IsRegular(): // a pipe would wait for ever
		return nil, &UnsupportedError{File: path, Looks: "a device or a pipe"}
	}
	c, err := openNamed(path, info.Size(), hints)
	if err != nil {
		return nil, err
	}
	return newFile(path, c)
}

// openNamed opens a file by its path, with the other parts of the model if it is one of several, and with the
// description beside it.
func openNamed(path string, size int64, hints Hints) (_ *container.Container, err error) {
	home, err := container.OpenHome(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer home.Close()
	parts, err := partsOf(home, path)
	if err != nil {
		return nil, err
	}
	var c *container.Container
	if len(parts) > 0 {
		c, err = openParts(home, parts, hints)
	} else {
		var r *os.File
		if r, err = os.Open(path); err != nil {
			return nil, container.In(path).Unreadable(err)
		}
		if c, err = openFile(path, r, size, hints); err != nil {
			r.Close()
		}
	}
	if err != nil {
		return nil, err
	}
	describe(c, home, path)
	return c, nil
}

// OpenBytes opens a file that is in memory. The name is for messages.
func OpenBytes(name string, data []byte) (*File, error) {
	return openSource(name, nopCloser{bytes.NewReader(data)}, int64(len(data)), Hints{})
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// openSource opens a file that r reads, and closes r if it fails.
func openSource(path string, r container.Source, size int64, hints Hints) (*File, error) {
	c, err := openFile(path, r, size, hints)
	if err != nil {
		r.Close()
		return nil, err
	}
	return newFile(path, c)
}

// hasManifest says whether path is a folder of raw files that says what they are.
func hasManifest(path string) bool {
	info, err := os.Stat(filepath.Join(path, raw.ManifestName))
	return err == nil && info.Mode().IsRegular()
}

// formats are those that are read, in the order in which they are tried. What is recognised and not read is in
// refused.go.
func formats(hints Hints, inside bool) []container.Format {
	networks := darknet.Networks(hints.Darknet)
	return []container.Format{
		{Name: "a zip archive", Is: archive.Is, Open: zips{hints, inside}.open},
		{Name: "a NumPy array (.npy)", Is: npy.Is, Open: npy.Open},
		{Name: "a PyTorch file", Is: torch.IsLegacy, Open: torch.OpenLegacy},
		{Name: "an HDF5 file", Is: hdf5.Is, Open: hdf5.Open},
		{Name: "a MATLAB file", Is: mat.Is, Open: mat.Open},
		{Name: "a safetensors file", Is: safetensors.Is, Open: safetensors.Open},
		// after safetensors, whose first bytes are a length that may begin as pickles do
		{Name: "a Python pickle", Is: pickle.Is, Open: pickle.Open},
		{Name: "a TensorFlow checkpoint", Is: tensorflow.IsCheckpoint, Open: tensorflow.OpenCheckpoint},
		{Name: "an ONNX file", Is: isONNX, Open: onnx.Open},
		{Name: "a Caffe model", Is: caffe.Is, Open: caffe.Open},
		{Name: "a TensorFlow graph", Is: tensorflow.IsGraph, Open: tensorflow.OpenGraph},
		{Name: "a darknet file", Is: networks.Is, Open: networks.Open},
	}
}

func isONNX(head []byte, size int64) bool {
	return onnx.Is(head, size) && !tensorflow.IsSavedModel(head)
}

// openFile opens the container that the first bytes of r announce. It takes over r unless it fails.
func openFile(path string, r container.Source, size int64, hints Hints) (*container.Container, error) {
	if looks, advice := tensorflow.CheckpointPart(path); looks != "" {
		return nil, &UnsupportedError{File: path, Looks: looks, Advice: advice}
	}
	return openFormat(path, path, r, size, hints, false)
}

// openFormat is openFile for a file that is called name: path is for messages, and inside says that the file is
// in an archive.
func openFormat(path, name string, r container.Source, size int64, hints Hints,
	inside bool) (*container.Container, error) {
	head := make([]byte, min(size, container.HeadSize))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, container.In(path).Unreadable(err)
	}
	head = head[:n]
	for _, f := range formats(hints, inside) {
		if !f.Is(head, size) {
			continue
		}
		c, err := f.Open(path, r, size)
		named, ok := refusedNames[nameEnd(name)]
		if ok && (nameEnd(name) == paddlePickle || errors.As(err, new(*UnsupportedError))) {
			c, err = nil, &UnsupportedError{File: path, Looks: named.looks, Advice: named.advice} // which begins alike
		}
		return c, err
	}
	looks, advice := recognise(name, head, size)
	if inside {
		looks = "a zip archive with " + looks
	}
	return nil, &UnsupportedError{File: path, Looks: looks, Advice: advice}
}
