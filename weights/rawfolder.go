package weights

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// manifestName and rawFormat mark a folder of raw tensors: a manifest and, for each tensor, a file
// of little-endian float32.
const (
	manifestName = "manifest.json"
	rawFormat    = "raw-float32-v1"
)

// maxManifest bounds what is read of a manifest; the largest networks need a tenth of it.
const maxManifest = 16 << 20

type manifest struct {
	Format   string            `json:"format"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Tensors  []manifestTensor  `json:"tensors"`
}

type manifestTensor struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	DType  string `json:"dtype"`
	Layout Layout `json:"layout"`
	Shape  []int  `json:"shape"`
	SHA256 string `json:"sha256,omitempty"`
}

type rawFolder struct {
	root *os.Root // nothing outside it can be reached, by .. or by a link
	all  []entry
	meta map[string]string
}

func (f *rawFolder) format() string              { return "folder with a manifest (" + rawFormat + ")" }
func (f *rawFolder) metadata() map[string]string { return f.meta }
func (f *rawFolder) entries() []entry            { return f.all }
func (f *rawFolder) Close() error                { return f.root.Close() }

func openRawFolder(path string) (_ container, err error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, &ReadError{path, "", err}
	}
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	m, err := readManifest(root, path)
	if err != nil {
		return nil, err
	}
	f := &rawFolder{root: root, meta: m.Metadata}
	for _, t := range m.Tensors {
		wrong := func(have, want string) error {
			return &FormatError{filepath.Join(path, manifestName), t.Name, have, want}
		}
		_, ok := product(t.Shape)
		switch {
		case t.Name == "":
			return nil, wrong("none", "a name for every tensor")
		case !filepath.IsLocal(filepath.FromSlash(t.File)) || strings.ContainsAny(t.File, "\\\x00"):
			return nil, wrong(fmt.Sprintf("%q", t.File), "a file inside the folder")
		case t.DType != "float32le":
			return nil, wrong(fmt.Sprintf("%q", t.DType), "the dtype float32le")
		case !t.Layout.known():
			return nil, wrong(fmt.Sprintf("%q", t.Layout), "one of the layouts OIHW, HWIO, OHWI, OI, IO, O")
		case !ok || len(t.Shape) != len(t.Layout):
			return nil, wrong(fmt.Sprintf("the shape %s", by(t.Shape)), fmt.Sprintf("%d sizes above 0", len(t.Layout)))
		}
		if sum, err := hex.DecodeString(t.SHA256); err != nil || len(sum) != 0 && len(sum) != 32 {
			return nil, wrong(fmt.Sprintf("%q", t.SHA256), "a SHA-256 in hexadecimal")
		}
		e := rawEntry(root, path, t.File, t.Name, t.Layout, t.Shape)
		e.sha256 = t.SHA256
		f.all = append(f.all, e)
	}
	return f, nil
}

func readManifest(root *os.Root, path string) (*manifest, error) {
	full := filepath.Join(path, manifestName)
	r, size, err := openRegular(root, path, manifestName, "")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UnsupportedError{File: path, Looks: "a folder without " + manifestName, Advice: rawAdvice}
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size > maxManifest {
		return nil, &FormatError{full, "", fmt.Sprintf("%d bytes", size), fmt.Sprintf("at most %d bytes", maxManifest)}
	}
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return nil, &ReadError{full, "", err}
	}
	m := new(manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, &FormatError{full, "", err.Error(), "a manifest in JSON"}
	}
	if m.Format != rawFormat {
		return nil, &UnsupportedError{File: path, Looks: fmt.Sprintf("a manifest of the format %q", m.Format)}
	}
	if len(m.Tensors) == 0 {
		return nil, &FormatError{full, "", "none", "a list of tensors"}
	}
	return m, nil
}

// rawEntry is a tensor in a file of its own, whose name has slashes. The shape is possible.
func rawEntry(root *os.Root, path, file, name string, layout Layout, shape []int) entry {
	n, _ := product(shape)
	file = filepath.FromSlash(file)
	return entry{
		name: name, shape: shape, layout: layout, dtype: float32LE, file: filepath.Join(path, file),
		open: func() (io.ReadCloser, error) { return openRaw(root, path, file, name, 4*n) },
	}
}

// openRaw opens the file of a tensor, which has to have exactly that many bytes.
func openRaw(root *os.Root, path, file, tensor string, want int64) (io.ReadCloser, error) {
	r, size, err := openRegular(root, path, file, tensor)
	if err != nil {
		return nil, err
	}
	full := filepath.Join(path, file)
	switch {
	case size < want:
		err = &TruncatedError{full, tensor, size, want}
	case size > want:
		err = &FormatError{full, tensor, fmt.Sprintf("%d bytes", size), fmt.Sprintf("%d bytes", want)}
	default:
		return r, nil
	}
	r.Close()
	return nil, err
}

// openRegular opens a file inside root, unless it is something else, such as a pipe, that would
// wait for ever, or a link that leads outside.
func openRegular(root *os.Root, path, file, tensor string) (*os.File, int64, error) {
	full := filepath.Join(path, file)
	fail := func(err error) (*os.File, int64, error) {
		var fromSystem syscall.Errno
		if !errors.As(err, &fromSystem) && !errors.Is(err, fs.ErrClosed) { // os.Root's own refusal
			return nil, 0, &FormatError{full, tensor, "a link that leaves the folder", "a file inside the folder"}
		}
		return nil, 0, &ReadError{full, tensor, err}
	}
	info, err := root.Stat(file)
	if err != nil {
		return fail(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &FormatError{full, tensor, "something else", "a file"}
	}
	r, err := root.Open(file)
	if err != nil {
		return fail(err)
	}
	return r, info.Size(), nil
}
