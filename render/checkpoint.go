package render

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/internal/checkpoint"
)

// CheckpointVersion is the version of checkpoints that are written and read.
const CheckpointVersion = 2

// The errors of checkpoints.
type (
	// CheckpointError reports a checkpoint of another run.
	CheckpointError = checkpoint.MismatchError
	// CheckpointDamagedError reports a checkpoint whose content is not what was written.
	CheckpointDamagedError = checkpoint.DamagedError
	// CheckpointVersionError reports a checkpoint of another version.
	CheckpointVersionError = checkpoint.VersionError
	// NoCheckpointError reports a file that is no checkpoint.
	NoCheckpointError = checkpoint.ForeignError
)

// checkpointKind begins the files.
const checkpointKind = "checkpoint"

// checkpointHeader is what a checkpoint begins with: the number of its bytes (4 bytes, little-endian) and JSON.
// The vectors of the state follow as float32 numbers, little-endian: those of the pictures that are done
// (colours, opacity), the canvas, the pixel values that the stage before ended with, what a matcher has found,
// the best canvas, and those of the optimiser.
type checkpointHeader struct {
	Recipe Recipe          `json:"recipe"` // of the run
	About  json.RawMessage `json:"about"`  // what the caller adds
	State  place           `json:"state"`
}

// maxHeader is more bytes than any header has.
const maxHeader = 1 << 26

// vector is one of the vectors of a state. One that is remote lies on a device.
type vector struct {
	values []float32
	remote bool
}

// vectorPiece is how many numbers of a vector are converted at a time.
const vectorPiece = 1 << 16

// Write writes the state as a checkpoint, with the recipe of the run and what else the caller wants to find in
// it, which has to be fit for JSON.
func (s *State) Write(w io.Writer, recipe Recipe, about any) error {
	header := checkpointHeader{Recipe: recipe, State: s.place}
	var err error
	if header.About, err = json.Marshal(about); err != nil {
		return err
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	c, err := checkpoint.NewWriter(w, checkpointKind, CheckpointVersion)
	if err != nil {
		return err
	}
	if _, err := c.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))); err != nil {
		return err
	}
	if _, err := c.Write(text); err != nil {
		return err
	}
	if err := s.writeVectors(c); err != nil {
		return err
	}
	return c.Close()
}

func (s *State) writeVectors(w io.Writer) error {
	bytes, fetched := make([]byte, 4*vectorPiece), make([]float32, vectorPiece)
	for _, v := range s.vectors {
		for rest := v.values; len(rest) > 0; {
			piece := rest[:min(len(rest), vectorPiece)]
			rest = rest[len(piece):]
			if v.remote {
				s.backend.Copy(fetched[:len(piece)], piece)
				if err := s.backend.Err(); err != nil {
					return err
				}
				piece = fetched[:len(piece)]
			}
			for i, x := range piece {
				binary.LittleEndian.PutUint32(bytes[4*i:], math.Float32bits(x))
			}
			if _, err := w.Write(bytes[:4*len(piece)]); err != nil {
				return err
			}
			if s.scratch != nil {
				s.scratch.Release(piece)
			}
		}
	}
	return nil
}

// Checkpoint is a file with the state of a run. It must be closed; more than once does no harm.
type Checkpoint struct {
	// Recipe is that of the run, and About what was added when it was written.
	Recipe Recipe
	About  json.RawMessage

	path   string
	place  place
	file   *os.File
	reader *checkpoint.Reader // of the vectors that are yet to be read
	bytes  []byte
	values []float32
}

// OpenCheckpoint opens a checkpoint and checks all of it. The vectors stay in the file until a run needs them.
// The errors are a *NoCheckpointError, a *CheckpointVersionError, a *CheckpointDamagedError, and those of the
// file.
func OpenCheckpoint(path string) (*Checkpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{path: path, file: f}
	if err = c.begin(); err == nil {
		err = c.verify()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return c, nil
}

// Close closes the file.
func (c *Checkpoint) Close() error { return c.file.Close() }

// Path returns the path that the checkpoint was opened by.
func (c *Checkpoint) Path() string { return c.path }

// IsFile returns whether the checkpoint is the file that info is of.
func (c *Checkpoint) IsFile(info os.FileInfo) bool {
	own, err := c.file.Stat()
	return err == nil && os.SameFile(own, info)
}

// Step returns how many steps the run had taken.
func (c *Checkpoint) Step() int { return c.place.Step }

// Elapsed returns how long the run had taken.
func (c *Checkpoint) Elapsed() time.Duration { return max(c.place.Elapsed, 0) }

// begin reads the header; the vectors are next.
func (c *Checkpoint) begin() error {
	if _, err := c.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var err error
	if c.reader, err = checkpoint.NewReader(c.file, c.path, checkpointKind, CheckpointVersion); err != nil {
		return err
	}
	var length [4]byte
	if err := c.read(length[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(length[:])
	if n > maxHeader {
		return c.damaged("its header is too long")
	}
	text := make([]byte, n)
	if err := c.read(text); err != nil {
		return err
	}
	var header checkpointHeader
	if err := json.Unmarshal(text, &header); err != nil {
		return c.damaged("its header cannot be read: " + err.Error())
	}
	c.Recipe, c.About, c.place = header.Recipe, header.About, header.State
	return nil
}

// read fills p with the next bytes.
func (c *Checkpoint) read(p []byte) error {
	_, err := io.ReadFull(c.reader, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return c.damaged("it has too few numbers")
	}
	return err
}

func (c *Checkpoint) damaged(problem string) error {
	return &CheckpointDamagedError{File: c.path, Problem: problem}
}

func (c *Checkpoint) mismatch(problem string, args ...any) error {
	return &CheckpointError{File: c.path, Of: "run", Problem: fmt.Sprintf(problem, args...)}
}

// verify reads all to the end, and compares how much it is with what it should be.
func (c *Checkpoint) verify() error {
	n, err := io.Copy(io.Discard, c.reader)
	if err == nil && n != 4*c.place.numbers() {
		return c.damaged("it does not have as many numbers as it says")
	}
	return err
}

// numbers returns how many numbers the vectors of a state have, or -1 if that makes no sense.
func (p *place) numbers() int64 {
	const most = 1 << 40
	n := int64(p.Canvas)
	if n < 0 || n > most {
		return -1
	}
	if p.Steps != nil {
		if p.Steps.Vectors < 0 || p.Steps.Vectors > 1<<20 {
			return -1
		}
		n *= 2 + int64(p.Steps.Vectors)
	}
	for _, more := range []int{p.Carried, p.Found} {
		if more < 0 || more > most {
			return -1
		}
		n += int64(more)
	}
	for _, s := range p.Pictures {
		if s.W < 1 || s.H < 1 || s.W > most/s.H {
			return -1
		}
		pixels := int64(s.W) * int64(s.H)
		n += 3 * pixels
		if s.Alpha {
			n += pixels
		}
	}
	return n
}

// vector reads the next vector into to, which lies in a backend if that is not nil.
func (c *Checkpoint) vector(to []float32, backend optim.Backend) error {
	if c.bytes == nil {
		c.bytes, c.values = make([]byte, 4*vectorPiece), make([]float32, vectorPiece)
	}
	for len(to) > 0 {
		piece := to[:min(len(to), vectorPiece)]
		to = to[len(piece):]
		bytes, values := c.bytes[:4*len(piece)], piece
		if backend != nil {
			values = c.values[:len(piece)]
		}
		if err := c.read(bytes); err != nil {
			return err
		}
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
		}
		if backend != nil {
			backend.Copy(piece, values)
			if err := backend.Err(); err != nil { // which also waits until values can be used again
				return err
			}
		}
	}
	return nil
}

// pictures reads the pictures that are done.
func (c *Checkpoint) pictures() ([]*Picture, error) {
	var all []*Picture
	for _, s := range c.place.Pictures {
		im := NewPicture(s.W, s.H)
		if im.Depth = s.Depth; s.Alpha {
			im.Alpha = make([]float32, s.W*s.H)
		}
		for _, v := range [][]float32{im.Pix, im.Alpha} {
			if err := c.vector(v, nil); err != nil {
				return nil, err
			}
		}
		all = append(all, im)
	}
	return all, nil
}
