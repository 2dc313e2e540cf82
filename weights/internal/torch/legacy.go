package torch

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/pickle"
)

// magic is the first of the five pickles with which a file of PyTorch before version 1.6 begins.
// The others are the version, what the machine was like, the tensors, and the keys of the storages.
// The storages follow in the order of the keys: the number of numbers, in 8 bytes, and the
// numbers. They are little-endian on every machine (torch/serialization.py, torch/csrc).
const (
	magic   = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
	version = 1001
)

// IsLegacy recognises the first pickle.
func IsLegacy(head []byte, _ int64) bool {
	if isTar(head) {
		return true // and is refused with advice
	}
	at := bytes.Index(head[:min(len(head), 32)], []byte("\x8a\x0a"+magic+"."))
	return at > 0 && head[0] == pickle.Proto
}

// isTar recognises the archives that PyTorch wrote before 2017. The members are sys_info, pickle,
// storages and tensors; before a member's own header, 512 bytes, may come more about it.
func isTar(head []byte) bool {
	for at := 0; at+512 <= len(head); at += 512 {
		name, _, _ := bytes.Cut(head[at:at+100], []byte{0})
		if string(head[at+257:at+262]) != "ustar" {
			continue
		}
		switch string(name) {
		case "sys_info", "pickle", "storages", "tensors":
			return true
		}
	}
	return false
}

// OpenLegacy opens a file from before version 1.6.
func OpenLegacy(path string, r container.Source, size int64) (*container.Container, error) {
	in := pickle.NewInput(path, r, 0, size)
	first, err := in.Next(1)
	if err != nil {
		return nil, err
	}
	if first[0] != pickle.Proto {
		return nil, &container.UnsupportedError{
			File: path, Looks: "a PyTorch file from before 2017 (a tar archive)",
			Advice: "load it with PyTorch and save it again: torch.save(torch.load(file, " +
				"weights_only=False), \"weights.pth\")",
		}
	}
	in.Pos = 0
	var roots [5]any
	var storages []*pickle.Storage
	for i := range roots {
		root, named, err := pickle.Run(in)
		if err != nil {
			return nil, err
		}
		roots[i] = root
		storages = append(storages, named...)
	}
	if roots[0] != pickle.Long(magic) || roots[1] != int64(version) {
		return nil, container.In(path).Wrong("another", fmt.Sprintf("version %d of PyTorch's format", version))
	}
	keys, ok := roots[4].(*pickle.List)
	if !ok {
		return nil, container.In(path).Wrong("another value", "the keys of the storages")
	}
	places, err := placeStorages(in, keys.Items, storages)
	if err != nil {
		return nil, err
	}
	place := func(s *pickle.Storage, tensor string) (pickle.Block, error) {
		p, ok := places[s.Key]
		if !ok {
			return p, container.In(path).Of(tensor).Wrong("none", "the numbers of the storage "+s.Key)
		}
		return p, nil
	}
	return newContainer("PyTorch file (.pth, before version 1.6)",
		pickle.File{Path: path, R: r, Size: size, Place: place}, r, roots[3])
}

// placeStorages finds the numbers of each storage, which begin at the position of in.
func placeStorages(in *pickle.Input, keys []any, storages []*pickle.Storage) (map[string]pickle.Block, error) {
	byKey := map[string]*pickle.Storage{}
	for _, s := range storages {
		if other := byKey[s.Key]; other != nil &&
			(other.Element.Name != s.Element.Name || other.Total != s.Total) {
			return nil, in.Wrong(
				fmt.Sprintf("%d of %s and %d of %s", other.Total, other.Element.Name, s.Total, s.Element.Name),
				"numbers of one type in the storage "+s.Key)
		}
		byKey[s.Key] = s
	}
	places := map[string]pickle.Block{}
	need := in.Pos // how long the file has to be; what a file of a network needs does not overflow
	for _, key := range keys {
		text, _ := key.(pickle.Text)
		s := byKey[text.Value]
		if _, twice := places[text.Value]; s == nil || twice {
			return nil, in.Wrong(fmt.Sprintf("%q", text.Value), "the key of each storage once")
		}
		length := s.Total * int64(s.Element.Size)
		places[s.Key] = pickle.Block{Offset: need + 8, Bytes: length}
		if need += 8 + length; need > 1<<60 {
			return nil, in.Wrong(fmt.Sprintf("%d bytes or more", need), "storages that a file can hold")
		}
	}
	if need > in.End {
		return nil, in.Truncated(in.End, need)
	}
	for _, key := range keys {
		s := byKey[key.(pickle.Text).Value]
		in.Pos = places[s.Key].Offset - 8
		b, err := in.Next(8)
		if err != nil {
			return nil, err
		}
		if n := binary.LittleEndian.Uint64(b); n != uint64(s.Total) {
			return nil, in.Wrong(fmt.Sprint(n), fmt.Sprintf("%d numbers in the storage %s", s.Total, s.Key))
		}
	}
	return places, nil
}
