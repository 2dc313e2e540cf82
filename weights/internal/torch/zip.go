package torch

import (
	"archive/zip"
	"fmt"
	"io"
	"slices"
	"strings"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/pickle"
)

// archived is the archive that torch.save writes since version 1.6: a pickle, data.pkl, and a member
// for each storage, data/KEY, all in one folder (torch/serialization.py; caffe2/serialize).
type archived struct {
	path    string
	size    int64
	folder  string // ends with a slash
	members map[string]*zip.File
	big     bool
}

// OpenZip opens an archive.
func OpenZip(path string, all *zip.Reader, r container.Source, size int64) (*container.Container, error) {
	z := &archived{path: path, size: size, members: map[string]*zip.File{}}
	for _, f := range all.File {
		if z.members[f.Name] != nil {
			return nil, container.In(path).Wrong("another "+f.Name, "one member of each name")
		}
		z.members[f.Name] = f
		folder, ok := strings.CutSuffix(f.Name, "data.pkl")
		switch {
		case !ok || !strings.HasSuffix(folder, "/"):
		case z.folder != "":
			return nil, container.In(path).Wrong(folder+"data.pkl beside "+z.folder+"data.pkl", "one data.pkl")
		default:
			z.folder = folder
		}
	}
	script := func(f *zip.File) bool {
		return f.Name == z.folder+"constants.pkl" || strings.HasPrefix(f.Name, z.folder+"code/")
	}
	if slices.ContainsFunc(all.File, script) {
		return nil, &container.UnsupportedError{
			File: path, Looks: "a TorchScript archive",
			Advice: "load it in Python and save the numbers alone: " +
				"torch.save(torch.jit.load(file).state_dict(), \"weights.pth\")",
		}
	}
	if err := z.readByteOrder(r); err != nil {
		return nil, err
	}
	start, length, err := z.member("data.pkl", "")
	if err != nil {
		return nil, err
	}
	root, _, err := pickle.Run(pickle.NewInput(path, r, start, start+length))
	if err != nil {
		return nil, err
	}
	return newContainer("PyTorch archive (.pth)", pickle.File{Path: path, R: r, Size: size, Place: z.place}, r,
		root)
}

// member returns where a member is that the tensor needs.
func (z *archived) member(name, tensor string) (start, length int64, err error) {
	f := z.members[z.folder+name]
	e := container.Tensor{Name: tensor, File: z.path}
	if f == nil {
		return 0, 0, e.Place().Wrong("none", "the member "+z.folder+name)
	}
	if f.Method != zip.Store {
		return 0, 0, e.Place().Wrong("a compressed one",
			"the member "+z.folder+name+" stored as it is, as PyTorch writes it")
	}
	start, err = archive.Member(&e, f, z.size)
	return start, int64(f.UncompressedSize64), err
}

// readByteOrder reads the member byteorder, which is there since version 2.1.
func (z *archived) readByteOrder(r io.ReaderAt) error {
	if z.members[z.folder+"byteorder"] == nil {
		return nil
	}
	start, length, err := z.member("byteorder", "")
	if err != nil {
		return err
	}
	order, err := io.ReadAll(io.NewSectionReader(r, start, min(length, 16)))
	if err != nil {
		return container.In(z.path).Unreadable(err)
	}
	z.big = string(order) == "big"
	if !z.big && string(order) != "little" {
		return container.In(z.path).Wrong(fmt.Sprintf("%q", order), "the byte order little or big")
	}
	return nil
}

// place finds the member of a storage. PyTorch can be told not to compute sums; they are 0 then.
func (z *archived) place(s *pickle.Storage, tensor string) (pickle.Block, error) {
	name := "data/" + s.Key
	start, length, err := z.member(name, tensor)
	if err != nil {
		return pickle.Block{}, err
	}
	place := pickle.Block{Offset: start, Bytes: length, Big: z.big}
	if f := z.members[z.folder+name]; f.CRC32 != 0 {
		place.Whole, place.CRC32 = f.Open, fmt.Sprintf("crc32 %08x", f.CRC32)
	}
	return place, nil
}
