package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"oneiro/internal/imageio"
)

// Folder is the source of pictures in files: a folder with a subfolder for each class, named after it.
type Folder struct {
	seed    uint64
	classes []string
	train   [][]photo // of each class
	test    [][]photo
	skipped []Skipped
}

// Skipped is a file in a folder of pictures that is none, and why.
type Skipped struct{ Path, Reason string }

// photo is a picture of 8 bits per colour, a little larger than the crops that are shown of it.
type photo struct {
	w, h int
	rgb  []byte
}

// testShare is the number of pictures of a class for each one that is kept for testing.
const testShare = 5

// OpenFolder reads all pictures in the subfolders of dir into memory, resampled for crops of size x size
// pixels: about 20 kB each for 64 pixels. What is not a picture is skipped. The errors are a *FolderError,
// ctx's and those of reading a picture.
func OpenFolder(ctx context.Context, dir string, size int, seed uint64) (*Folder, error) {
	classes, err := list(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{seed: seed}
	for _, c := range classes {
		path := filepath.Join(dir, c.Name())
		if strings.HasPrefix(c.Name(), ".") {
			continue
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() { // a link may lead to a folder
			f.skipped = append(f.skipped, Skipped{path, "it is not in the folder of a class"})
			continue
		}
		if strings.ContainsAny(c.Name(), "\r\n") {
			problem := fmt.Sprintf("the name %q contains a line break", c.Name())
			return nil, &FolderError{dir, problem, "rename the folder"}
		}
		photos, err := f.readPhotos(ctx, path, size)
		if err != nil {
			return nil, err
		}
		test := max(len(photos)/testShare, 1)
		if len(photos) < 2 {
			return nil, &FolderError{path, fmt.Sprintf("there are %d pictures", len(photos)),
				"put at least two into it, one to train on and one to test with, or remove it"}
		}
		r := rand.New(rand.NewPCG(seed, uint64(len(f.classes))))
		r.Shuffle(len(photos), func(i, j int) { photos[i], photos[j] = photos[j], photos[i] })
		f.classes = append(f.classes, c.Name())
		f.test = append(f.test, photos[:test])
		f.train = append(f.train, photos[test:])
	}
	if len(f.classes) < 2 {
		return nil, &FolderError{dir, fmt.Sprintf("there are %d folders of pictures", len(f.classes)),
			"make at least two, one for each class and named after it"}
	}
	return f, nil
}

// list returns the entries of a folder in the order of their names.
func list(dir string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, &FolderError{dir, e.Err.Error(),
			"name a folder with one subfolder of pictures for each class"}
	}
	return entries, err
}

// maxRatio is how much longer one side of a photo may be than the other.
const maxRatio = 4

// readPhotos reads the pictures in a folder and notes what it skips. Files whose names begin with a dot are
// nobody's pictures.
func (f *Folder) readPhotos(ctx context.Context, dir string, size int) ([]photo, error) {
	files, err := list(dir)
	if err != nil {
		return nil, err
	}
	var all []photo
	for _, e := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		p, err := readPhoto(path, size)
		if reason := skips(err); reason != "" {
			f.skipped = append(f.skipped, Skipped{path, reason})
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Reasons to skip a file without opening it. Opening a pipe would wait for ever.
var (
	errNotRegular = errors.New("it is not a regular file")
	errNoTarget   = errors.New("the link leads nowhere")
)

// readPhoto reads a picture. The shorter side has room for random crops. Of a very long picture only the
// middle is used.
func readPhoto(path string, size int) (photo, error) {
	info, err := os.Stat(path)
	if link, _ := os.Lstat(path); err != nil && link != nil && link.Mode()&fs.ModeSymlink != 0 {
		return photo{}, errNoTarget
	}
	if err != nil {
		return photo{}, err
	}
	if !info.Mode().IsRegular() {
		return photo{}, errNotRegular
	}
	fit := imageio.Middle(size*5/4, maxRatio)
	im, err := imageio.ReadWith(path, imageio.ReadOptions{Fit: fit, Filter: imageio.Bicubic})
	if err != nil {
		return photo{}, err
	}
	p := photo{w: im.W, h: im.H, rgb: make([]byte, len(im.Pix))}
	for i, v := range im.OnWhite().Pix {
		p.rgb[i] = byte(v*255 + 0.5)
	}
	return p, nil
}

// skips returns why a file is left out for an error of readPhoto, or "" if it must not be.
func skips(err error) string {
	switch kind, is := errors.AsType[*imageio.KindError](err); {
	case err == errNoTarget || err == errNotRegular:
		return err.Error()
	case errors.Is(err, imageio.ErrEmpty):
		return "it is empty"
	case is && kind.Kind == "":
		return "it is not a picture"
	case is:
		return "it is " + kind.Kind
	}
	return ""
}

// Skipped returns the files that were left out because they are not pictures, in the order in which they were
// found.
func (f *Folder) Skipped() []Skipped { return f.skipped }

// Classes implements [Source].
func (f *Folder) Classes() []string { return f.classes }

// TrainingPictures returns the number of pictures to train on.
func (f *Folder) TrainingPictures() int { return total(f.train) }

// TestPictures returns the number of pictures that are kept for testing.
func (f *Folder) TestPictures() int { return total(f.test) }

func total(photos [][]photo) (n int) {
	for _, class := range photos {
		n += len(class)
	}
	return n
}

// Picture implements [Source]: a random square crop, randomly mirrored and made lighter or darker. Training
// sees all classes equally often. A test sees the middle of each of its pictures.
func (f *Folder) Picture(dst []float32, size int, set Set, index uint64) int {
	r := rand.New(rand.NewPCG(f.seed<<2|uint64(set), index))
	class, p := f.photo(r, set, index)
	left, top := r.IntN(max(p.w-size, 0)+1), r.IntN(max(p.h-size, 0)+1)
	mirrored, light := r.IntN(2) == 0, 0.8+0.4*r.Float32()
	if set == ForTest {
		left, top, mirrored, light = (p.w-size)/2, (p.h-size)/2, false, 1
	}
	for y := range size {
		for x := range size {
			from := left + x
			if mirrored {
				from = left + size - 1 - x
			}
			for k, v := range p.rgb[((top+y)*p.w+from)*3:][:3] {
				dst[(y*size+x)*3+k] = min(float32(v)/255*light, 1)
			}
		}
	}
	return class
}

// photo returns a picture of a set: a random one, or, for a test, one after the other.
func (f *Folder) photo(r *rand.Rand, set Set, index uint64) (class int, p *photo) {
	if set != ForTest {
		class = r.IntN(len(f.classes))
		return class, &f.train[class][r.IntN(len(f.train[class]))]
	}
	k := int(index % uint64(f.TestPictures()))
	for k >= len(f.test[class]) {
		k -= len(f.test[class])
		class++
	}
	return class, &f.test[class][k]
}
