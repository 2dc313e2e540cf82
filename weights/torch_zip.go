package weights

import (
	"archive/zip"
	"fmt"
	"io"
	"slices"
	"strings"
)

// torchZip is the archive that torch.save writes since version 1.6: a pickle, data.pkl, and a member
// for each storage, data/KEY, all in one folder (torch/serialization.py; caffe2/serialize).
type torchZip struct {
	path    string
	size    int64
	folder  string // ends with a slash
	members map[string]*zip.File
	big     bool
}

func openTorchZip(path string, archive *zip.Reader, r source, size int64) (container, error) {
	z := &torchZip{path: path, size: size, members: map[string]*zip.File{}}
	for _, f := range archive.File {
		if z.members[f.Name] != nil {
			return nil, &FormatError{path, "", "another " + f.Name, "one member of each name"}
		}
		z.members[f.Name] = f
		folder, ok := strings.CutSuffix(f.Name, "data.pkl")
		switch {
		case !ok || !strings.HasSuffix(folder, "/"):
		case z.folder != "":
			return nil, &FormatError{path, "", folder + "data.pkl beside " + z.folder + "data.pkl", "one data.pkl"}
		default:
			z.folder = folder
		}
	}
	script := func(f *zip.File) bool {
		return f.Name == z.folder+"constants.pkl" || strings.HasPrefix(f.Name, z.folder+"code/")
	}
	if slices.ContainsFunc(archive.File, script) {
		return nil, &UnsupportedError{
			File: path, Looks: "a TorchScript archive",
			Advice: "load it in Python and save the numbers alone: torch.save(torch.jit.load(file).state_dict(), \"weights.pth\")",
		}
	}
	if err := z.readByteOrder(r); err != nil {
		return nil, err
	}
	start, length, err := z.member("data.pkl", "")
	if err != nil {
		return nil, err
	}
	root, _, err := unpickle(&pickleInput{file: path, r: r, pos: start, end: start + length})
	if err != nil {
		return nil, err
	}
	return newTorchFile("PyTorch archive (.pth)", path, r, size, root, z.place)
}

// member returns where a member lies that is needed for the tensor.
func (z *torchZip) member(name, tensor string) (start, length int64, err error) {
	f := z.members[z.folder+name]
	e := entry{name: tensor, file: z.path}
	if f == nil {
		return 0, 0, &FormatError{z.path, tensor, "none", "the member " + z.folder + name}
	}
	if f.Method != zip.Store {
		return 0, 0, &FormatError{
			z.path, tensor, "a compressed one", "the member " + z.folder + name + " stored as it is, as PyTorch writes it",
		}
	}
	start, err = e.member(f, z.size)
	return start, int64(f.UncompressedSize64), err
}

// readByteOrder reads the member byteorder, which is there since version 2.1.
func (z *torchZip) readByteOrder(r io.ReaderAt) error {
	if z.members[z.folder+"byteorder"] == nil {
		return nil
	}
	start, length, err := z.member("byteorder", "")
	if err != nil {
		return err
	}
	order, err := io.ReadAll(io.NewSectionReader(r, start, min(length, 16)))
	if err != nil {
		return &ReadError{z.path, "", err}
	}
	z.big = string(order) == "big"
	if !z.big && string(order) != "little" {
		return &FormatError{z.path, "", fmt.Sprintf("%q", order), "the byte order little or big"}
	}
	return nil
}

// place finds the member of a storage. PyTorch can be told not to compute sums; they are 0 then.
func (z *torchZip) place(s *torchStorage, tensor string) (torchPlace, error) {
	name := "data/" + s.key
	start, length, err := z.member(name, tensor)
	if err != nil {
		return torchPlace{}, err
	}
	place := torchPlace{offset: start, bytes: length, big: z.big}
	if f := z.members[z.folder+name]; f.CRC32 != 0 {
		place.whole, place.crc32 = f.Open, fmt.Sprintf("crc32 %08x", f.CRC32)
	}
	return place, nil
}
