package optim

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"oneiro/internal/parallel"
	"oneiro/internal/quote"
	"oneiro/simd"
)

// Scratch is room for vectors in a file that is mapped into memory: the state of an optimiser, and what is
// remembered beside it, that does not fit there. The file has no name, so that nothing is left of it whatever
// ends the program, and all of its room is reserved from the beginning. The process keeps no more of it in
// memory than what is being worked on; how much of it is there beside is up to the system, which takes it back
// when it needs memory.
//
// What is read or written in the file is slower than memory by what a disk is. A disk that fails ends the
// program, as memory that fails does.
type Scratch struct {
	mem  []byte
	used int64 // from its beginning
	kept int64 // of that, by Keep
	was  int64 // that was in use before, and may not be 0
}

// scratchAlign is the alignment of vectors in a file, in bytes: at least a page of memory, so that a piece
// begins with one.
const scratchAlign = 64 << 10

// faultAround is how many bytes around a page, at addresses that are a multiple of it, come into memory with
// that page at most: Linux maps as much of a file as lies in one piece of its cache. With 64 KiB, three times
// as much stays in memory.
const faultAround = 2 << 20

// ScratchBytes returns the room that vectors of so many bytes in all take in a file. There may be 16 of them.
func ScratchBytes(vectors int64) int64 { return vectors + 16*scratchAlign }

// NewScratch makes a file of so many bytes in a folder. The error is a *ScratchError.
func NewScratch(dir string, bytes int64) (*Scratch, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, newScratchError(dir, bytes, err)
	} else if !info.IsDir() {
		return nil, &ScratchError{Dir: dir, Need: bytes, Err: errNoFolder}
	}
	free, err := freeBytes(dir)
	if err != nil {
		return nil, newScratchError(dir, bytes, err)
	}
	if free < bytes {
		return nil, &ScratchError{Dir: dir, Need: bytes, Free: free, Err: ErrNoRoom}
	}
	mem, err := mapScratch(dir, bytes)
	if err != nil {
		return nil, newScratchError(dir, bytes, err)
	}
	return &Scratch{mem: mem}, nil
}

// Bytes returns how much room there is.
func (s *Scratch) Bytes() int64 { return int64(len(s.mem)) }

// Close gives the file up. Its vectors are then gone.
func (s *Scratch) Close() error { return unmapScratch(s.mem) }

// Backend returns a Backend of the processor whose vectors lie in the file; see NewHost. Those of a Backend
// that it returned before are given up.
func (s *Scratch) Backend(kernels *simd.Kernels, pool *parallel.Pool) Backend {
	s.was = max(s.was, s.used)
	s.used = s.kept
	h := newHost(kernels, pool)
	h.release = s.Release
	return &scratchHost{h, s}
}

// Keep moves a vector to the file, where it stays until Forget, whatever Backends come. Their vectors have less
// room then. It is called before there is a Backend, and panics if there is no room.
func (s *Scratch) Keep(v []float32) []float32 {
	filed := s.vector(len(v))
	for lo := 0; lo < len(v); lo += pieceLen {
		hi := min(lo+pieceLen, len(v))
		copy(filed[lo:hi], v[lo:hi])
		s.Release(filed[lo:hi])
	}
	s.kept = s.used
	return filed
}

// Forget gives up all vectors.
func (s *Scratch) Forget() {
	s.was = max(s.was, s.used)
	s.used, s.kept = 0, 0
}

// scratchHost is the Backend of a Scratch.
type scratchHost struct {
	*host
	scratch *Scratch
}

// Vector implements [Backend]. It panics if there is no room.
func (h *scratchHost) Vector(n int) []float32 {
	h.reserve(n)
	return h.scratch.vector(n)
}

func (s *Scratch) vector(n int) []float32 {
	from := s.used
	if 4*int64(n) > s.Bytes()-from {
		panic(fmt.Sprintf("optim: no room for a vector of %d elements behind %d of %d bytes", n, from, s.Bytes()))
	}
	part := s.mem[from:][:4*n]
	s.used = min((from+4*int64(n)+scratchAlign-1)&^(scratchAlign-1), s.Bytes())
	v := unsafe.Slice((*float32)(unsafe.Pointer(&part[0])), n)
	for lo := 0; lo < n && from+4*int64(lo) < s.was; lo += pieceLen {
		piece := v[lo:min(lo+pieceLen, n)]
		clear(piece)
		s.Release(piece)
	}
	return v
}

// Has returns whether a vector lies in the file.
func (s *Scratch) Has(v []float32) bool {
	if len(v) == 0 {
		return false
	}
	base, at := uintptr(unsafe.Pointer(&s.mem[0])), uintptr(unsafe.Pointer(&v[0]))
	return at >= base && at < base+uintptr(len(s.mem))
}

// Release lets the system take a part of a vector out of memory, if it is one of the file's. Nothing in it
// changes. Operations of the Backend do it themselves with their operands.
func (s *Scratch) Release(v []float32) {
	if !s.Has(v) {
		return
	}
	base, at := uintptr(unsafe.Pointer(&s.mem[0])), uintptr(unsafe.Pointer(&v[0]))
	from := max(at&^(faultAround-1), base)
	to := min((at+4*uintptr(len(v))+faultAround-1)&^(faultAround-1), base+uintptr(len(s.mem)))
	unloadScratch(s.mem[from-base : to-base])
}

// Reasons of a ScratchError beside those of the operating system.
var (
	ErrNoRoom      = errors.New("there is too little room")
	ErrUnsupported = errors.New("files cannot be mapped into memory on this system")
	errNoFolder    = errors.New("it is not a folder")
)

// ScratchError reports a folder that cannot hold a file for vectors.
type ScratchError struct {
	Dir        string
	Need, Free int64 // bytes; Free is 0 unless Err is ErrNoRoom
	Err        error // one of the reasons above, or the operating system's without the path
}

// newScratchError makes a ScratchError of an error of package os, whose text would name the path again.
func newScratchError(dir string, need int64, err error) *ScratchError {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		err = p.Err
	}
	return &ScratchError{Dir: dir, Need: need, Err: err}
}

func (e *ScratchError) Error() string {
	text := fmt.Sprintf("the folder %s cannot hold what does not fit into memory, %s: ", quote.Path(e.Dir),
		quote.MemoryUp(e.Need))
	if e.Err == ErrNoRoom {
		return text + quote.Memory(e.Free) + " are free"
	}
	return text + e.Err.Error()
}

func (e *ScratchError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ScratchError) Hint() string {
	if e.Err == ErrUnsupported {
		return "use another optimiser, or a machine with more memory"
	}
	return "name a folder on a disk with that much room, or use another optimiser or a shorter history"
}
