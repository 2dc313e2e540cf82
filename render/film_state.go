package render

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"math"

	"oneiro/internal/checkpoint"
)

// FilmState is what a film keeps of a frame that was made: those of the last frames are all that it needs to go
// on.
type FilmState struct {
	filmPlace
	picture *Picture // without colours of the photograph
	// strokes are by how much the frame aimed beside its content: what coarser sizes have painted, H x W x 3, in
	// colours of 0..1; nil for not at all.
	strokes []float32
	settled []float32 // how far places are as they are to stay, H x W, 0..1; nil is for wholly
}

// filmPlace is the part of a FilmState that is no picture.
type filmPlace struct {
	Number   int       `json:"number"` // of the frame, from 0 in the order in which they are made
	Begins   bool      `json:"begins"` // a shot
	Units    []float64 `json:"units"`  // what the squares of the content's terms are divided by
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Strokes  bool      `json:"strokes"`  // there are some
	Settling bool      `json:"settling"` // some places are not settled
}

// filmStateKind begins the files of states, which are containers of internal/checkpoint: the number of bytes
// of JSON (4 bytes, little-endian), the filmPlace, the picture's samples (8 bits each), the strokes (16), and
// how far places are settled (8).
const (
	filmStateKind    = "film state"
	filmStateVersion = 1
	strokeUnit       = 1.0 / 8192 // of colours, in which strokes are counted
)

// quantised returns strokes as a state has them.
func quantisedStrokes(strokes []float32) []float32 {
	for i, v := range strokes {
		strokes[i] = float32(strokeOf(v)) * strokeUnit
	}
	return strokes
}

func strokeOf(v float32) int16 {
	return int16(min(max(math.Round(float64(v)/strokeUnit), math.MinInt16), math.MaxInt16))
}

// Write writes the state.
func (s *FilmState) Write(w io.Writer) error {
	text, err := json.Marshal(s.filmPlace)
	if err != nil {
		return err
	}
	c, err := checkpoint.NewWriter(w, filmStateKind, filmStateVersion)
	if err != nil {
		return err
	}
	bytes := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	bytes = append(bytes, text...)
	for _, v := range s.picture.Pix {
		bytes = append(bytes, byte(math.Round(float64(v)*255)))
	}
	for _, v := range s.strokes {
		bytes = binary.LittleEndian.AppendUint16(bytes, uint16(strokeOf(v)))
	}
	for _, v := range s.settled {
		bytes = append(bytes, byte(math.Round(float64(v)*255)))
	}
	if _, err := c.Write(bytes); err != nil {
		return err
	}
	return c.Close()
}

// ReadFilmState reads a state of a film with frames of a size. file names it in errors, which are those of
// checkpoints.
func ReadFilmState(r io.Reader, file string, size Size) (*FilmState, error) {
	c, err := checkpoint.NewReader(r, file, filmStateKind, filmStateVersion)
	if err != nil {
		return nil, err
	}
	var length [4]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(length[:])
	if n > 1<<16 {
		return nil, &checkpoint.DamagedError{File: file, Problem: "it begins with too many bytes"}
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(c, text); err != nil {
		return nil, err
	}
	s := new(FilmState)
	if err := json.Unmarshal(text, &s.filmPlace); err != nil {
		return nil, &checkpoint.DamagedError{File: file, Problem: "it does not say what it is"}
	}
	if (Size{s.Width, s.Height}) != size {
		return nil, &CheckpointError{File: file, Of: "film",
			Problem: "its frames have " + Size{s.Width, s.Height}.String() + " pixels, not " + size.String()}
	}
	samples := make([]byte, 3*size.W*size.H)
	if _, err := io.ReadFull(c, samples); err != nil {
		return nil, err
	}
	s.picture = NewPicture(size.W, size.H)
	for i, b := range samples {
		s.picture.Pix[i] = float32(b) / 255
	}
	if s.Strokes {
		words := make([]byte, 2*len(samples))
		if _, err := io.ReadFull(c, words); err != nil {
			return nil, err
		}
		s.strokes = make([]float32, len(samples))
		for i := range s.strokes {
			s.strokes[i] = float32(int16(binary.LittleEndian.Uint16(words[2*i:]))) * strokeUnit
		}
	}
	if s.Settling {
		if _, err := io.ReadFull(c, samples[:size.W*size.H]); err != nil {
			return nil, err
		}
		s.settled = make([]float32, size.W*size.H)
		for i := range s.settled {
			s.settled[i] = float32(samples[i]) / 255
		}
	}
	if _, err := c.Read(length[:]); err != io.EOF {
		return nil, &checkpoint.DamagedError{File: file, Problem: "it does not end where it should"}
	}
	return s, nil
}
