package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"unicode"
)

// Open opens a file or folder of weights: an .npz archive, or a folder with a manifest.json in the
// format raw-float32-v1. It goes by what is in it, not by its name.
//
// The errors are ReadError, UnsupportedError, FormatError, TruncatedError and TypeError.
func Open(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &ReadError{path, "", err}
	}
	switch {
	case info.IsDir():
		c, err := openFolder(path)
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
	c, err := openFile(path, file, info.Size())
	if err != nil {
		file.Close()
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
var formats = []format{
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
	{"a darknet file", isDarknet, openDarknet},
}

// headSize is how much of a file formats are told by.
const headSize = 4096

// openFile opens the container that the first bytes of r announce. It takes over r unless it fails.
func openFile(path string, r source, size int64) (container, error) {
	head := make([]byte, headSize)
	n, err := r.ReadAt(head[:min(size, int64(len(head)))], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &ReadError{path, "", err}
	}
	head = head[:n]
	for _, f := range formats {
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
		{0, "\x93NUMPY", "a single NumPy array (.npy)"},
		{0, "\x89HDF\r\n\x1a\n", "an HDF5 file (Keras .h5)"},
		{0, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", "a PyTorch file (.pth, before version 1.6)"},
		{0, "\x80\x02", "a Python pickle"},
		{0, "\x80\x03", "a Python pickle"},
		{0, "\x80\x04", "a Python pickle"},
		{0, "\x80\x05", "a Python pickle"},
	} {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.magic)) {
			return m.name
		}
	}
	switch {
	case len(head) > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= uint64(size-8):
		return "a safetensors file"
	case len(head) > 2 && head[0] == 0x08 && head[1] < 0x20:
		return "an ONNX file"
	case len(head) > 2 && head[0] == 0x0a:
		return protobuf(head)
	}
	return "a format that is not known"
}

// protobuf tells the two formats apart that begin with field 1: in a caffemodel it is the name of
// the network, in a GraphDef a node, which begins with its own name.
func protobuf(head []byte) string {
	length, n := binary.Uvarint(head[1:])
	field := head[1+max(n, 0):]
	if n <= 0 || length == 0 || len(field) == 0 {
		return "a format that is not known"
	}
	if field[0] == 0x0a {
		return "a TensorFlow graph (.pb)"
	}
	if name := string(field[:min(length, uint64(len(field)))]); strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "a format that is not known"
	}
	return "a Caffe model (.caffemodel)"
}
