package train

import (
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
}

// photo is a picture of 8 bits per colour, a little larger than the crops that are shown of it.
type photo struct {
	w, h int
	rgb  []byte
}

// testShare is the number of pictures of a class for each one that is kept for testing.
const testShare = 5

// OpenFolder reads all pictures in the subfolders of dir into memory, resampled for crops of size x size
// pixels: about 20 kB each for 64 pixels. The errors are a *FolderError and those of reading a picture.
func OpenFolder(dir string, size int, seed uint64) (*Folder, error) {
	classes, err := list(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{seed: seed}
	for _, c := range classes {
		if !c.IsDir() || strings.HasPrefix(c.Name(), ".") {
			continue
		}
		if strings.ContainsAny(c.Name(), "\r\n") {
			problem := fmt.Sprintf("the name %q contains a line break", c.Name())
			return nil, &FolderError{dir, problem, "rename the folder"}
		}
		path := filepath.Join(dir, c.Name())
		photos, err := readPhotos(path, size)
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

func readPhotos(dir string, size int) ([]photo, error) {
	files, err := list(dir)
	if err != nil {
		return nil, err
	}
	var all []photo
	for _, e := range files {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue // a link to nothing, a pipe
		}
		// The shorter side has room for random crops. Of a very long picture only the middle is used.
		fit := imageio.Middle(size*5/4, maxRatio)
		im, err := imageio.ReadWith(path, imageio.ReadOptions{Fit: fit, Filter: imageio.Bicubic})
		if _, other := errors.AsType[*imageio.KindError](err); other || errors.Is(err, imageio.ErrEmpty) {
			continue // not a picture
		}
		if err != nil {
			return nil, err
		}
		p := photo{w: im.W, h: im.H, rgb: make([]byte, len(im.Pix))}
		for i, v := range im.OnWhite().Pix {
			p.rgb[i] = byte(v*255 + 0.5)
		}
		all = append(all, p)
	}
	return all, nil
}

// Classes implements [Source].
func (f *Folder) Classes() []string { return f.classes }

// TestPictures returns the number of pictures that are kept for testing.
func (f *Folder) TestPictures() int {
	n := 0
	for _, photos := range f.test {
		n += len(photos)
	}
	return n
}

// Picture implements [Source]: a random square crop, randomly mirrored and made lighter or darker. Training
// sees all classes equally often, a test all of its pictures.
func (f *Folder) Picture(dst []float32, size int, set Set, index uint64) int {
	r := rand.New(rand.NewPCG(f.seed<<2|uint64(set), index))
	class, p := f.photo(r, set, index)
	left, top := r.IntN(max(p.w-size, 0)+1), r.IntN(max(p.h-size, 0)+1)
	mirrored, light := r.IntN(2) == 0, 0.8+0.4*r.Float32()
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
