package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// torchMagic is the first of the five pickles with which a file of PyTorch before version 1.6 begins.
// The others are the version, what the machine was like, the tensors, and the keys of the storages.
// Behind them lie the storages in the order of the keys: the number of numbers, in 8 bytes, and the
// numbers. They are little-endian on every machine (torch/serialization.py, torch/csrc).
const (
	torchMagic   = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
	torchVersion = 1001
)

func isTorchLegacy(head []byte, _ int64) bool {
	if isTorchTar(head) {
		return true // and is refused with advice
	}
	at := bytes.Index(head[:min(len(head), 32)], []byte("\x8a\x0a"+torchMagic+"."))
	return at > 0 && head[0] == opProto
}

// isTorchTar knows the archives that PyTorch wrote before 2017. The members are sys_info, pickle,
// storages and tensors; before a member's own header, 512 bytes, may come more about it.
func isTorchTar(head []byte) bool {
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

func openTorchLegacy(path string, r source, size int64) (container, error) {
	in := &pickleInput{file: path, r: r, end: size}
	first, err := in.next(1)
	if err != nil {
		return nil, err
	}
	if first[0] != opProto {
		return nil, &UnsupportedError{
			File: path, Looks: "a PyTorch file from before 2017 (a tar archive)",
			Advice: "load it with PyTorch and save it again: torch.save(torch.load(file, weights_only=False), \"weights.pth\")",
		}
	}
	in.pos = 0
	var roots [5]any
	var storages []*torchStorage
	for i := range roots {
		root, named, err := unpickle(in)
		if err != nil {
			return nil, err
		}
		roots[i] = root
		storages = append(storages, named...)
	}
	if roots[0] != pickleLong(torchMagic) || roots[1] != int64(torchVersion) {
		return nil, &FormatError{path, "", "another", fmt.Sprintf("version %d of PyTorch's format", torchVersion)}
	}
	keys, ok := roots[4].(*pickleList)
	if !ok {
		return nil, &FormatError{path, "", "another value", "the keys of the storages"}
	}
	places, err := placeStorages(in, keys.items, storages)
	if err != nil {
		return nil, err
	}
	place := func(s *torchStorage, tensor string) (torchPlace, error) {
		p, ok := places[s.key]
		if !ok {
			return p, &FormatError{path, tensor, "none", "the numbers of the storage " + s.key}
		}
		return p, nil
	}
	return newTorchFile("PyTorch file (.pth, before version 1.6)", path, r, size, roots[3], place)
}

// placeStorages finds the numbers of each storage, which begin where in stands.
func placeStorages(in *pickleInput, keys []any, storages []*torchStorage) (map[string]torchPlace, error) {
	byKey := map[string]*torchStorage{}
	for _, s := range storages {
		if other := byKey[s.key]; other != nil && (other.element.name != s.element.name || other.total != s.total) {
			return nil, &FormatError{
				in.file, "", fmt.Sprintf("%d of %s and %d of %s", other.total, other.element.name, s.total, s.element.name),
				"numbers of one type in the storage " + s.key,
			}
		}
		byKey[s.key] = s
	}
	places := map[string]torchPlace{}
	need := in.pos // how long the file has to be; what a file of a network needs does not overflow
	for _, key := range keys {
		text, _ := key.(pickleText)
		s := byKey[text.value]
		if _, twice := places[text.value]; s == nil || twice {
			return nil, &FormatError{in.file, "", fmt.Sprintf("%q", text.value), "the key of each storage once"}
		}
		length := s.total * int64(s.element.size)
		places[s.key] = torchPlace{offset: need + 8, bytes: length}
		if need += 8 + length; need > 1<<60 {
			return nil, &FormatError{in.file, "", fmt.Sprintf("%d bytes or more", need), "storages that a file can hold"}
		}
	}
	if need > in.end {
		return nil, &TruncatedError{in.file, "", in.end, need}
	}
	for _, key := range keys {
		s := byKey[key.(pickleText).value]
		in.pos = places[s.key].offset - 8
		b, err := in.next(8)
		if err != nil {
			return nil, err
		}
		if n := binary.LittleEndian.Uint64(b); n != uint64(s.total) {
			return nil, &FormatError{in.file, "", fmt.Sprint(n), fmt.Sprintf("%d numbers in the storage %s", s.total, s.key)}
		}
	}
	return places, nil
}
