// Package mat reads networks of MatConvNet in MATLAB files.
//
// A MATLAB file of level 5 ("MAT-File Format", MathWorks, R2018b) is a header of 128 bytes and then one
// element for each variable, nearly always a zlib stream by itself. MatConvNet keeps a whole network in one
// variable: VGG-19 is one stream of 535 MB that inflates to 575. It is never in memory. A first pass lists
// where in the inflated bytes the tensors are, and a second one, which goes on from tensor to tensor as long
// as they are requested in their order, reads them.
package mat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"oneiro/weights/internal/container"
)

// largeLayer is the size, in bytes, of a layer before which the first pass stops until more is requested:
// a convolution of VGG has at most 9.4 MB, its first dense layer 411 MB, and the two dense ones after it are
// not worth another rule.
var largeLayer int64 = 32 << 20

const headerSize = 128

// mat is a MATLAB file with a network.
type mat struct {
	container.Source
	container.Place
	variable variable // that has the network
	end      int64    // of its array, counted as a stream counts

	all  []container.Tensor
	rest layers // not listed yet

	mu   sync.Mutex
	idle *stream // where reading was left off, or nil
}

// Format is the format of MATLAB's files.
const Format = "MATLAB file (.mat)"

// Is recognises the header's text and its last four bytes, a version and "MI" in the order of the writer's
// bytes, or, for level 4, a matrix that is what its header says. Version 7.3 has the same header in the
// first 512 bytes of an HDF5 file.
func Is(head []byte, size int64) bool {
	return bytes.HasPrefix(head, []byte("MATLAB ")) || isLevel4(head, size)
}

// isLevel4 says whether a file begins with a matrix of level 4: type, rows, columns, whether it is complex,
// and the length of the name, five numbers of 32 bits, and the name followed by a zero.
func isLevel4(head []byte, size int64) bool {
	if len(head) < 20 {
		return false
	}
	field := func(i int) int64 { return int64(binary.LittleEndian.Uint32(head[4*i:])) }
	kind, rows, columns, complex, length := field(0), field(1), field(2), field(3), field(4)
	n, ok := container.Product([]int{int(rows), int(columns)})
	if kind > 52 || kind%10 > 2 || kind/10 > 5 || complex > 1 || length < 2 || length > 64 ||
		int(20+length) > len(head) || !ok || n > size {
		return false
	}
	name, zero := head[20:20+length-1], head[20+length-1]
	return zero == 0 && !bytes.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// Open lists the layers of the network in a file up to the first large one.
func Open(path string, r container.Source, size int64) (*container.Container, error) {
	if head := make([]byte, 7); size >= 7 {
		if _, err := r.ReadAt(head, 0); err != nil {
			return nil, container.In(path).Unreadable(err)
		}
		if string(head) != "MATLAB " {
			return nil, &container.UnsupportedError{File: path, Looks: "a MATLAB file of level 4",
				Advice: saveAgain}
		}
	}
	header := make([]byte, headerSize)
	if size < headerSize {
		return nil, container.In(path).Truncated(size, headerSize)
	}
	if _, err := r.ReadAt(header, 0); err != nil {
		return nil, container.In(path).Unreadable(err)
	}
	switch version, order := header[124:126], string(header[126:]); {
	case bytes.HasPrefix(header, []byte("MATLAB 7.3")) || order == "IM" && version[1] == 2:
		return nil, &container.UnsupportedError{File: path,
			Looks: "a MATLAB file of version 7.3, which is HDF5 inside", Advice: saveAgain}
	case order == "MI":
		return nil, &container.UnsupportedError{File: path, Looks: "a big-endian MATLAB file",
			Advice: saveAgain}
	case order != "IM" || version[1] != 1:
		return nil, container.In(path).Wrong(fmt.Sprintf("%q", header[124:]),
			"version 1 and the mark IM in the header of a MATLAB file")
	}
	m := &mat{Source: r, Place: container.In(path)}
	if err := m.find(size); err != nil {
		return nil, err
	}
	if err := m.list(false); err != nil {
		return nil, err
	}
	if len(m.all) == 0 {
		if err := m.list(true); err != nil {
			return nil, err
		}
	}
	if len(m.all) == 0 {
		return nil, &container.UnsupportedError{File: path,
			Looks: "a MATLAB file with a network that has no parameters", Advice: wanted}
	}
	return &container.Container{Closer: r, Format: Format, Tensors: m.all, More: m.more}, nil
}

// What to do with MATLAB files that are not read.
const (
	saveAgain = "load it in MATLAB or Octave, and save it again with save -v7"
	wanted    = "a network of MatConvNet is read: a variable layers, or params of a DagNN, by itself or in " +
		"a variable such as net"
)

// find looks for the variable that has the network, and leaves its layers in m.rest.
func (m *mat) find(size int64) error {
	const most = 1000
	var names []string
	budget := int64(16 << 20)
	for at := int64(headerSize); at < size; {
		if len(names) == most {
			return m.Wrong("more", fmt.Sprintf("at most %d variables", most))
		}
		v, err := variableAt(m.File, m.Source, at, size, budget)
		if err != nil {
			return err
		}
		at = v.end
		s, err := v.stream()
		if err != nil {
			return err
		}
		x, err := s.matrix(v.limit)
		if err != nil {
			return err
		}
		layers, found, err := findLayers(s, x, x.name, 0)
		if err != nil {
			return err
		}
		if found {
			m.variable, m.end, m.rest = v, x.end, layers
			return nil
		}
		names = append(names, x.name)
		if v.compressed {
			budget -= max(s.pos-v.fair(), 0)
		}
	}
	return &container.UnsupportedError{File: m.File,
		Looks: "a MATLAB file without a network: its variables are " +
			strings.Join(names, ", "), Advice: wanted}
}

// list adds tensors, those of large layers and what comes after them only if all is true.
func (m *mat) list(all bool) error {
	for m.rest.more() {
		tensors, ok, err := m.rest.read(all)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		for _, t := range tensors {
			if len(m.all) == maxTensors {
				return m.Wrong("more", fmt.Sprintf("at most %d tensors", maxTensors))
			}
			e, err := m.entry(t)
			if err != nil {
				return err
			}
			m.all = append(m.all, e)
		}
	}
	s := m.rest.s
	if s == nil || !m.variable.compressed {
		return nil
	}
	m.rest.s = nil
	if err := s.skip(m.end - s.pos); err != nil {
		return err
	}
	if _, err := s.Read(make([]byte, 1)); err != io.EOF { // which says that the checksum is right
		return err
	}
	return nil
}

// maxTensors bounds how many tensors are listed; the largest networks have a thousand.
const maxTensors = 20_000

// more lists what was left out when the file was opened. If the file is broken there, a tensor that cannot
// be read stands for it.
func (m *mat) more() ([]container.Tensor, error) {
	before := len(m.all)
	err := m.list(true)
	if err != nil {
		m.all = append(m.all, container.Tensor{
			Name: m.rest.where(), Shape: []int{1}, Layout: container.O,
			DType: container.Float32LE, File: m.File,
			Open: func() (io.ReadCloser, error) { return nil, err },
		})
	}
	m.rest = layers{}
	return m.all[before:], err
}

// entry locates a tensor.
func (m *mat) entry(t tensor) (container.Tensor, error) {
	e := container.Tensor{Name: t.name, Shape: t.shape, Layout: t.layout, Fortran: true, DType: t.dtype,
		File: m.File}
	if !m.variable.compressed {
		return e, e.Locate(m.Source, m.variable.end, t.at)
	}
	if _, ok := container.Product(t.shape); !ok {
		return e, e.BadShape()
	}
	e.Open = func() (io.ReadCloser, error) {
		s, err := m.reach(t.at)
		if err != nil {
			return nil, err
		}
		return &reader{io.LimitReader(s, e.Bytes()), m, s}, nil
	}
	return e, nil
}

// reach returns a stream that stands at an offset of the variable's inflated bytes. If the idle one is not
// beyond, it goes on from there.
func (m *mat) reach(at int64) (*stream, error) {
	m.mu.Lock()
	s := m.idle
	m.idle = nil
	m.mu.Unlock()
	if s == nil || s.pos > at {
		var err error
		if s, err = m.variable.stream(); err != nil {
			return nil, err
		}
	}
	return s, s.skip(at - s.pos)
}

// reader reads a tensor, and leaves the stream to the next one.
type reader struct {
	io.Reader
	m *mat
	s *stream
}

func (r *reader) Close() error {
	r.m.mu.Lock()
	r.m.idle = r.s
	r.m.mu.Unlock()
	return nil
}
