package film

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/quote"
)

// counter is where the number of a frame goes in a name.
var counter = regexp.MustCompile(`%(0?[1-9]?)d`)

// isPattern tells whether a path is that of numbered pictures.
func isPattern(path string) bool {
	return len(counter.FindAllString(filepath.Base(path), -1)) == 1 && strings.Count(path, "%") == 1
}

// pictures are the endings of files that a folder of frames may have.
var pictures = []string{".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp"}

// defaultFPS is the rate of numbered pictures that nothing is said of, as in ffmpeg.
const defaultFPS = 25

// openPattern opens the pictures whose names have a number in the place of %d.
func openPattern(path string, o ReadOptions) (*Clip, error) {
	dir, base := filepath.Split(path)
	at := counter.FindStringIndex(base)
	before, after := base[:at[0]], base[at[1]:]
	names, err := namesIn(cmp.Or(dir, "."))
	if err != nil {
		return nil, err
	}
	numbers := map[int]string{}
	for _, name := range names {
		digits, ok := strings.CutPrefix(name, before)
		if digits, ok = cutSuffix(digits, after, ok); !ok || strings.Trim(digits, "0123456789") != "" {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || name != fmt.Sprintf(base, n) { // another number of digits
			continue
		}
		numbers[n] = name
	}
	if len(numbers) == 0 {
		return nil, &SequenceError{path, "there is no such picture"}
	}
	s := &sequence{path: path}
	var all []int
	for n := range numbers {
		all = append(all, n)
	}
	slices.Sort(all)
	for i, n := range all {
		if n != all[0]+i {
			return nil, &SequenceError{path, fmt.Sprintf("there are pictures %d to %d, but not %d", all[0],
				all[len(all)-1], all[0]+i)}
		}
		s.files = append(s.files, filepath.Join(dir, numbers[n]))
	}
	return s.open(o)
}

func cutSuffix(s, suffix string, ok bool) (string, bool) {
	s, found := strings.CutSuffix(s, suffix)
	return s, ok && found && s != ""
}

// openFolder opens the pictures in a folder, in natural order of their names. Files that are hidden, and
// those whose names do not end as pictures' do, are not looked at.
func openFolder(path string, o ReadOptions) (*Clip, error) {
	names, err := namesIn(path)
	if err != nil {
		return nil, err
	}
	s := &sequence{path: path}
	slices.SortFunc(names, natural)
	for _, name := range names {
		if name[0] != '.' && slices.Contains(pictures, strings.ToLower(filepath.Ext(name))) {
			s.files = append(s.files, filepath.Join(path, name))
		}
	}
	if len(s.files) == 0 {
		return nil, &SequenceError{path, "there is no picture in this folder"}
	}
	return s.open(o)
}

// namesIn returns the names of the files in a folder.
func namesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fileError(dir, err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// natural compares names as people count: a2 comes before a10.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		m, n := digits(x), digits(y)
		if m == 0 || n == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[m:], y[n:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits returns how many digits a text begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// sequence is a source whose frames are files.
type sequence struct {
	path  string
	files []string
	w, h  int
	at    int
	limit int64
}

func (s *sequence) open(o ReadOptions) (*Clip, error) {
	s.limit = o.memoryLimit()
	first := s.files[0]
	if at := o.Range[0] - 1; at > 0 && at < len(s.files) {
		first = s.files[at]
	}
	info, err := imageio.Stat(first)
	if err != nil {
		return nil, err
	}
	s.w, s.h = info.W, info.H
	return &Clip{src: s, info: Info{
		W: info.W, H: info.H, Rate: RationalOf(cmp.Or(o.FPS, defaultFPS)), Frames: len(s.files), Alpha: info.Alpha,
		Colour: Coding{Depth: info.Depth},
	}}, nil
}

func (s *sequence) next() (*imageio.Image, error) {
	if s.at >= len(s.files) {
		return nil, io.EOF
	}
	path := s.files[s.at]
	im, err := imageio.ReadWith(path, imageio.ReadOptions{MaxBytes: s.limit})
	if err != nil {
		return nil, err
	}
	if im.W != s.w || im.H != s.h {
		return nil, &SequenceError{s.path, fmt.Sprintf("%s has %d x %d pixels, the first picture %d x %d",
			quote.Path(filepath.Base(path)), im.W, im.H, s.w, s.h)}
	}
	s.at++
	return im, nil
}

func (s *sequence) skip() error {
	if s.at >= len(s.files) {
		return io.EOF
	}
	s.at++
	return nil
}

func (s *sequence) restart() error { s.at = 0; return nil }
func (s *sequence) close() error   { return nil }
