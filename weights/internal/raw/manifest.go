// Package raw reads folders of raw float32 files, with a manifest or without.
package raw

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

	"oneiro/weights/internal/container"
)

// ManifestName and FormatName mark a folder of raw tensors: a manifest and, for each tensor, a file
// of little-endian float32.
const (
	ManifestName = "manifest.json"
	FormatName   = "raw-float32-v1"
	DType        = "float32le" // of all tensors
)

// maxManifest bounds what is read of a manifest; the largest networks need a tenth of it.
const maxManifest = 16 << 20

// Manifest says what the files of a folder are.
type Manifest struct {
	Format   string            `json:"format"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Tensors  []ManifestTensor  `json:"tensors"`
}

// ManifestTensor is a tensor in a file of its own.
type ManifestTensor struct {
	Name   string           `json:"name"`
	File   string           `json:"file"`
	DType  string           `json:"dtype"`
	Layout container.Layout `json:"layout"`
	Shape  []int            `json:"shape"`
	SHA256 string           `json:"sha256,omitempty"`
}

// OpenManifest opens a folder with a manifest. Nothing outside it can be reached, by .. or by a link.
func OpenManifest(path string) (_ *container.Container, err error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, container.In(path).Unreadable(err)
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
	c := &container.Container{Closer: root, Format: "folder with a manifest (" + FormatName + ")",
		Metadata: m.Metadata}
	for _, t := range m.Tensors {
		wrong := func(have, want string) error {
			return container.In(filepath.Join(path, ManifestName)).Of(t.Name).Wrong(have, want)
		}
		_, ok := container.Product(t.Shape)
		switch {
		case t.Name == "":
			return nil, wrong("none", "a name for every tensor")
		case !filepath.IsLocal(filepath.FromSlash(t.File)) || strings.ContainsAny(t.File, "\\\x00"):
			return nil, wrong(fmt.Sprintf("%q", t.File), "a file inside the folder")
		case t.DType != DType:
			return nil, wrong(fmt.Sprintf("%q", t.DType), "the dtype float32le")
		case !t.Layout.Known():
			return nil, wrong(fmt.Sprintf("%q", t.Layout), "one of the layouts OIHW, HWIO, OHWI, OI, IO, O")
		case !ok || len(t.Shape) != len(t.Layout):
			return nil, wrong(fmt.Sprintf("the shape %s", container.By(t.Shape)),
				fmt.Sprintf("%d sizes above 0", len(t.Layout)))
		}
		if sum, err := hex.DecodeString(t.SHA256); err != nil || len(sum) != 0 && len(sum) != 32 {
			return nil, wrong(fmt.Sprintf("%q", t.SHA256), "a SHA-256 in hexadecimal")
		}
		e := newTensor(root, path, t.File, t.Name, t.Layout, t.Shape)
		e.SHA256 = t.SHA256
		c.Tensors = append(c.Tensors, e)
	}
	return c, nil
}

func readManifest(root *os.Root, path string) (*Manifest, error) {
	full := filepath.Join(path, ManifestName)
	r, size, err := container.OpenRegular(root, path, ManifestName, "")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &container.UnsupportedError{File: path, Looks: "a folder without " + ManifestName,
			Advice: Advice}
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size > maxManifest {
		return nil, container.In(full).Wrong(fmt.Sprintf("%d bytes", size),
			fmt.Sprintf("at most %d bytes", maxManifest))
	}
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return nil, container.In(full).Unreadable(err)
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, container.In(full).Wrong(err.Error(), "a manifest in JSON")
	}
	if m.Format != FormatName {
		return nil, &container.UnsupportedError{File: path,
			Looks: fmt.Sprintf("a manifest of the format %q", m.Format)}
	}
	if len(m.Tensors) == 0 {
		return nil, container.In(full).Wrong("none", "a list of tensors")
	}
	return m, nil
}

// newTensor is a tensor in a file of its own, whose name has slashes. The shape is possible.
func newTensor(root *os.Root, path, file, name string, layout container.Layout, shape []int) container.Tensor {
	n, _ := container.Product(shape)
	file = filepath.FromSlash(file)
	return container.Tensor{
		Name: name, Shape: shape, Layout: layout, DType: container.Float32LE, File: filepath.Join(path, file),
		Open: func() (io.ReadCloser, error) { return openFile(root, path, file, name, 4*n) },
	}
}

// openFile opens the file of a tensor, which has to have exactly that many bytes.
func openFile(root *os.Root, path, file, tensor string, want int64) (io.ReadCloser, error) {
	r, size, err := container.OpenRegular(root, path, file, tensor)
	if err != nil {
		return nil, err
	}
	full := filepath.Join(path, file)
	switch {
	case size < want:
		err = container.In(full).Of(tensor).Truncated(size, want)
	case size > want:
		err = container.In(full).Of(tensor).Wrong(fmt.Sprintf("%d bytes", size), fmt.Sprintf("%d bytes", want))
	default:
		return r, nil
	}
	r.Close()
	return nil, err
}
