package weights

import (
	"bytes"
	"io"
)

// npyFile is one array of NumPy's, or what numpy.save makes of a Python object.
type npyFile struct {
	io.Closer
	all []entry
}

func (f *npyFile) format() string   { return "NumPy array (.npy)" }
func (f *npyFile) entries() []entry { return f.all }

func isNPYFile(head []byte, _ int64) bool { return bytes.HasPrefix(head, []byte("\x93NUMPY")) }

// openNPYFile opens an array, which it calls array, or a pickle of them. The weights of VGG that came
// with the first programs for TensorFlow are a dictionary of lists, {conv1_1: [weight, bias]}.
func openNPYFile(path string, r source, size int64) (container, error) {
	e := entry{name: "array", file: path}
	header, err := e.readNPY(io.NewSectionReader(r, 0, size), size)
	if err != nil {
		return nil, err
	}
	if e.dtype.name != pythonObjects.name {
		if err := e.lies(r, size, header.length); err != nil {
			return nil, err
		}
		return &npyFile{r, []entry{e}}, nil
	}
	root, _, err := unpickle(&pickleInput{file: path, r: r, pos: header.length, end: size})
	if err != nil {
		return nil, err
	}
	t := &pickleTensors{path: path, r: r, size: size}
	if err := t.find(root, e.name); err != nil {
		return nil, err
	}
	if len(t.all) == 0 {
		return nil, &UnsupportedError{
			File: path, Looks: "a NumPy file without arrays of numbers",
			Advice: "save a dictionary of arrays: numpy.savez(\"weights.npz\", **arrays)",
		}
	}
	return &npyFile{r, t.all}, nil
}
