package weights

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// Hints are what the caller knows of networks whose files do not describe themselves.
type Hints struct {
	// Darknet lists the networks whose darknet files are read: these have numbers and no names.
	Darknet []DarknetNetwork
	// Known says whether the file, a folder of raw numbers read in a layout that may be the wrong one, is of a known
	// network. Without it no folder is read that has no manifest.
	Known func(*File) (bool, error)
}

// Open opens a file or folder of weights. The format is detected from the content, not from the name. A checkpoint of
// TensorFlow that consists of several files is opened by any of them, by what their names have in common, or by the
// folder that it or its SavedModel is in.
//
// The errors are ReadError, UnsupportedError, FormatError, TruncatedError and TypeError.
func Open(path string) (*File, error) { return OpenWith(path, Hints{}) }

// OpenWith is Open for somebody who knows more.
func OpenWith(path string, hints Hints) (*File, error) {
	path = checkpointOf(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, &ReadError{path, "", err}
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
	file, err := os.Open(path)
	if err != nil {
		return nil, &ReadError{path, "", err}
	}
	return openSource(path, file, info.Size(), hints)
}

// OpenBytes opens a file that is in memory. The name is for messages.
func OpenBytes(name string, data []byte) (*File, error) {
	return openSource(name, nopCloser{bytes.NewReader(data)}, int64(len(data)), Hints{})
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// openSource opens a file that is r, which it closes if it fails.
func openSource(path string, r source, size int64, hints Hints) (*File, error) {
	c, err := openFile(path, r, size, hints)
	if err != nil {
		r.Close()
		return nil, err
	}
	return newFile(path, c)
}

// source is where a container reads from.
type source interface {
	io.ReaderAt
	io.Closer
}

// format is a kind of file that is read.
type format struct {
	name string // for people, such as "a safetensors file"
	// is says whether the first bytes of a file of that size announce the format.
	is func(head []byte, size int64) bool
	// open takes over r unless it fails. It reads only the directory of the file.
	open func(path string, r source, size int64) (container, error)
}

// formats are tried in this order.
func formats(hints Hints) []format {
	darknet := darknetFormat{hints.Darknet}
	return []format{
		{"a zip archive", isZip, openZip},
		{"a NumPy array (.npy)", isNPYFile, openNPYFile},
		{"a PyTorch file", isTorchLegacy, openTorchLegacy},
		{"an HDF5 file", isHDF5, openHDF5},
		{"a MATLAB file", isMAT, openMAT},
		{"a safetensors file", isSafetensors, openSafetensors},
		{"a TensorFlow checkpoint", isTable, openTable},
		{"an ONNX file", isONNX, openONNX},
		{"a Caffe model", isCaffe, openCaffe},
		{"a TensorFlow graph", isGraphDef, openGraphDef},
		{"a darknet file", darknet.is, darknet.open},
	}
}

// headSize is how much of a file formats are told by.
const headSize = 4096

// openFile opens the container that the first bytes of r announce. It takes over r unless it fails.
func openFile(path string, r source, size int64, hints Hints) (container, error) {
	head := make([]byte, headSize)
	n, err := r.ReadAt(head[:min(size, int64(len(head)))], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &ReadError{path, "", err}
	}
	head = head[:n]
	if what, advice := checkpointPart(path); what != "" {
		return nil, &UnsupportedError{File: path, Looks: what, Advice: advice}
	}
	for _, f := range formats(hints) {
		if f.is(head, size) {
			return f.open(path, r, size)
		}
	}
	if what, advice := mistaken(head, size); what != "" {
		return nil, &UnsupportedError{File: path, Looks: what, Advice: advice}
	}
	return nil, &UnsupportedError{File: path, Looks: looks(head, size)}
}

func isZip(head []byte, _ int64) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// looks says what the first bytes of a file of that size announce.
func looks(head []byte, size int64) string {
	for _, m := range []struct {
		at          int
		magic, name string
	}{
		{0, "\x80\x02", "a Python pickle"},
		{0, "\x80\x03", "a Python pickle"},
		{0, "\x80\x04", "a Python pickle"},
		{0, "\x80\x05", "a Python pickle"},
		{4, "ORTM", "an ONNX Runtime file (.ort): take the .onnx file that it was made from"},
		{4, "TFL3", "a TensorFlow Lite file (.tflite): take the graph (.pb) that it was made from"},
	} {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.magic)) {
			return m.name
		}
	}
	if isSavedModel(head) {
		return "TensorFlow's saved_model.pb, which describes a network: its weights are in variables/variables.index beside it"
	}
	return "a format that is not known"
}
