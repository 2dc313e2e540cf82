package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"
)

// A MATLAB file of level 5 ("MAT-File Format", MathWorks, R2018b) is a header of 128 bytes and then one
// element for each variable, nearly always a zlib stream by itself. MatConvNet keeps a whole network in one
// variable: VGG-19 is one stream of 535 MB that inflates to 575. It is never in memory. A first pass lists
// where in the inflated bytes the tensors lie, and a second one, which goes on from tensor to tensor as long as
// they are asked for in their order, reads them.

// matLarge is how many bytes a layer has before which the first pass stops until somebody asks for more: a
// convolution of VGG has at most 9.4 MB, its first dense layer 411 MB, and the two dense ones behind are not
// worth another rule.
var matLarge int64 = 32 << 20

const matHeader = 128

// mat is a MATLAB file with a network.
type mat struct {
	source
	path     string
	variable matVariable // that has the network
	end      int64       // of its array, counted as a stream counts

	mu      sync.Mutex
	all     []entry
	rest    matLayers // what is not listed yet, unless that was tried
	tried   bool
	failure error      // of that
	idle    *matStream // where reading was left off, or nil
}

// MATLABFormat is what File.Format returns for MATLAB's files.
const MATLABFormat = "MATLAB file (.mat)"

func (m *mat) format() string { return MATLABFormat }

func (m *mat) entries() []entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all
}

// isMAT goes by the header's text and by its last four bytes, a version and "MI" in the order of the writer's
// bytes, or, for level 4, by a matrix that is what its header says. Version 7.3 has the same header in the
// first 512 bytes of an HDF5 file.
func isMAT(head []byte, size int64) bool {
	return bytes.HasPrefix(head, []byte("MATLAB ")) || isMAT4(head, size)
}

// isMAT4 says whether a file begins with a matrix of level 4: type, rows, columns, whether it is complex, and
// the length of the name, five numbers of 32 bits, and the name with a zero behind.
func isMAT4(head []byte, size int64) bool {
	if len(head) < 20 {
		return false
	}
	field := func(i int) int64 { return int64(binary.LittleEndian.Uint32(head[4*i:])) }
	kind, rows, columns, complex, length := field(0), field(1), field(2), field(3), field(4)
	n, ok := product([]int{int(rows), int(columns)})
	if kind > 52 || kind%10 > 2 || kind/10 > 5 || complex > 1 || length < 2 || length > 64 || int(20+length) > len(head) || !ok || n > size {
		return false
	}
	name, zero := head[20:20+length-1], head[20+length-1]
	return zero == 0 && !bytes.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

func openMAT(path string, r source, size int64) (container, error) {
	if head := make([]byte, 7); size >= 7 {
		if _, err := r.ReadAt(head, 0); err != nil {
			return nil, &ReadError{path, "", err}
		}
		if string(head) != "MATLAB " {
			return nil, &UnsupportedError{File: path, Looks: "a MATLAB file of level 4", Advice: matAgain}
		}
	}
	header := make([]byte, matHeader)
	if size < matHeader {
		return nil, &TruncatedError{path, "", size, matHeader}
	}
	if _, err := r.ReadAt(header, 0); err != nil {
		return nil, &ReadError{path, "", err}
	}
	switch version, order := header[124:126], string(header[126:]); {
	case bytes.HasPrefix(header, []byte("MATLAB 7.3")) || order == "IM" && version[1] == 2:
		return nil, &UnsupportedError{File: path, Looks: "a MATLAB file of version 7.3, which is HDF5 inside", Advice: matAgain}
	case order == "MI":
		return nil, &UnsupportedError{File: path, Looks: "a big-endian MATLAB file", Advice: matAgain}
	case order != "IM" || version[1] != 1:
		return nil, &FormatError{path, "", fmt.Sprintf("%q", header[124:]), "version 1 and the mark IM in the header of a MATLAB file"}
	}
	m := &mat{source: r, path: path}
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
		return nil, &UnsupportedError{File: path, Looks: "a MATLAB file with a network that has no parameters", Advice: matWanted}
	}
	return m, nil
}

// What to do with MATLAB files that are not read.
const (
	matAgain  = "load it in MATLAB or Octave, and save it again with save -v7"
	matWanted = "a network of MatConvNet is read: a variable layers, or params of a DagNN, by itself or in a variable such as net"
)

// find looks for the variable that has the network, and leaves its layers in m.rest.
func (m *mat) find(size int64) error {
	const most = 1000
	var names []string
	budget := int64(16 << 20)
	for at := int64(matHeader); at < size; {
		if len(names) == most {
			return &FormatError{m.path, "", "more", fmt.Sprintf("at most %d variables", most)}
		}
		v, err := matVariableAt(m.path, m.source, at, size, budget)
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
	return &UnsupportedError{File: m.path, Looks: "a MATLAB file without a network: its variables are " + strings.Join(names, ", "), Advice: matWanted}
}

// list adds entries, those of large layers and what comes behind them only if all is true.
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
			if len(m.all) == maxMATTensors {
				return &FormatError{m.path, "", "more", fmt.Sprintf("at most %d tensors", maxMATTensors)}
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

// maxMATTensors bounds how many tensors are listed; the largest networks have a thousand.
const maxMATTensors = 20_000

// complete lists what was left out when the file was opened. If the file is broken there, something that cannot
// be read stands for it.
func (m *mat) complete() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tried {
		return m.failure
	}
	m.tried = true
	if err := m.list(true); err != nil {
		m.failure = err
		m.all = append(m.all, entry{name: m.rest.where(), shape: []int{1}, layout: O, dtype: float32LE, file: m.path,
			open: func() (io.ReadCloser, error) { return nil, err }})
	}
	m.rest = matLayers{}
	return m.failure
}

// entry places a tensor.
func (m *mat) entry(t matTensor) (entry, error) {
	e := entry{name: t.name, shape: t.shape, layout: t.layout, fortran: true, dtype: t.dtype, file: m.path}
	if !m.variable.compressed {
		return e, e.lies(m.source, m.variable.end, t.at)
	}
	n, ok := product(t.shape)
	if !ok {
		return e, &FormatError{m.path, t.name, "the shape " + by(t.shape), "sizes above 0 that a file can hold"}
	}
	e.open = func() (io.ReadCloser, error) {
		s, err := m.reach(t.at)
		if err != nil {
			return nil, err
		}
		return &matReader{io.LimitReader(s, n*int64(t.dtype.size)), m, s}, nil
	}
	return e, nil
}

// reach returns a stream that stands at an offset of the variable's inflated bytes. If the idle one is not
// beyond, it goes on from there.
func (m *mat) reach(at int64) (*matStream, error) {
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

// matReader reads a tensor, and leaves the stream to the next one.
type matReader struct {
	io.Reader
	m *mat
	s *matStream
}

func (r *matReader) Close() error {
	r.m.mu.Lock()
	r.m.idle = r.s
	r.m.mu.Unlock()
	return nil
}
