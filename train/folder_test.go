package train

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// writeFolder makes a folder of classes with so many pictures, each of one colour.
func writeFolder(t *testing.T, classes map[string]int) string {
	t.Helper()
	dir := t.TempDir()
	for name, n := range classes {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			im := imageio.New(40, 30)
			for k := range im.Pix {
				im.Pix[k] = float32(i+1) / 16
			}
			path := filepath.Join(dir, name, string(rune('a'+i))+".png")
			if err := imageio.Write(path, im, imageio.Meta{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// All pictures of a folder are shown, those for testing never in training.
func TestFolder(t *testing.T) {
	dir := writeFolder(t, map[string]int{"cats": 10, "dogs": 6})
	notes := filepath.Join(dir, "cats", "notes.txt")
	if err := os.WriteFile(notes, []byte("not a picture"), 0o666); err != nil {
		t.Fatal(err)
	}
	const size = 16
	f, err := OpenFolder(t.Context(), dir, size, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Classes(), []string{"cats", "dogs"}) {
		t.Fatal(f.Classes())
	}
	if len(f.train[0]) != 8 || len(f.test[0]) != 2 || len(f.train[1]) != 5 || len(f.test[1]) != 1 {
		t.Errorf("%d and %d of cats, %d and %d of dogs",
			len(f.train[0]), len(f.test[0]), len(f.train[1]), len(f.test[1]))
	}
	seen := map[Set]map[byte]bool{ForTraining: {}, ForTest: {}}
	for _, p := range slices.Concat(f.train[0], f.train[1]) {
		seen[ForTraining][p.rgb[0]] = true
	}
	dst := make([]float32, size*size*3)
	for set := range seen {
		var counts [2]int
		for i := range uint64(200) {
			counts[f.Picture(dst, size, set, i)]++
			if slices.Min(dst) < 0 || slices.Max(dst) > 1 || slices.Max(dst) == 0 {
				t.Fatal("not a picture")
			}
		}
		if min(counts[0], counts[1]) < 60 {
			t.Errorf("%v: classes are shown %v times", set, counts)
		}
	}
	tested := map[byte]bool{}
	for i := range uint64(f.TestPictures()) {
		class, p := f.photo(rand.New(rand.NewPCG(1, i)), ForTest, i)
		if !slices.ContainsFunc(f.test[class], func(q photo) bool { return &q.rgb[0] == &p.rgb[0] }) {
			t.Errorf("picture %d is not of class %d", i, class)
		}
		tested[p.rgb[0]<<1|byte(class)] = true
	}
	if f.TestPictures() != 3 || len(tested) != 3 {
		t.Errorf("a test of %d pictures shows %d", f.TestPictures(), len(tested))
	}
	again := make([]float32, len(dst))
	a, b := f.Picture(dst, size, ForTest, 5), f.Picture(again, size, ForTest, 5)
	if a != b || !slices.Equal(dst, again) {
		t.Error("the same index shows another picture")
	}
}

// A test shows each picture once, however many are asked for, and always the middle of it.
func TestFolderIsTestedOnce(t *testing.T) {
	o := options(t, 1)
	f, err := OpenFolder(t.Context(), writeFolder(t, map[string]int{"cats": 10, "dogs": 6}), o.Size, 1)
	if err != nil {
		t.Fatal(err)
	}
	o.Source = f
	score, err := begin(t, o).Score(t.Context(), 3000)
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range []int{2, 1} {
		if row := score.Confusion[class]; row[0]+row[1] != want {
			t.Errorf("class %d is tested %v times, want %d in all", class, row, want)
		}
	}
	if score.Pictures != 3 || f.TrainingPictures() != 13 {
		t.Errorf("%d pictures tested, %d to train on", score.Pictures, f.TrainingPictures())
	}
	a, b := make([]float32, 16*16*3), make([]float32, 16*16*3)
	f.Picture(a, 16, ForTest, 0)
	f.Picture(b, 16, ForTest, 3)
	if !slices.Equal(a, b) {
		t.Error("a test picture looks different each time")
	}
}

// A picture of 20000 x 1 pixels becomes a small one, and a link to a folder is a class.
func TestFolderOfOddPictures(t *testing.T) {
	dir := writeFolder(t, map[string]int{"cats": 2})
	elsewhere := writeFolder(t, map[string]int{"dogs": 2})
	if err := os.Symlink(filepath.Join(elsewhere, "dogs"), filepath.Join(dir, "dogs")); err != nil {
		t.Skip(err)
	}
	for name, im := range map[string]*imageio.Image{"wide.png": imageio.New(20000, 1),
		"high.png": imageio.New(1, 20000)} {
		if err := imageio.Write(filepath.Join(dir, "cats", name), im, imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	f, err := OpenFolder(t.Context(), dir, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Classes(), []string{"cats", "dogs"}) || len(f.Skipped()) > 0 {
		t.Errorf("classes %v, skipped %v", f.Classes(), f.Skipped())
	}
	for _, p := range slices.Concat(f.train[0], f.test[0]) {
		if min(p.w, p.h) != 20 || max(p.w, p.h) > 80 {
			t.Errorf("a picture of %dx%d is kept", p.w, p.h)
		}
	}
}

// Reading ends when it is told to.
func TestOpenFolderStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenFolder(ctx, writeFolder(t, map[string]int{"a": 2, "b": 2}), 16, 1); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

func TestOpenFolderRefuses(t *testing.T) {
	broken := writeFolder(t, map[string]int{"a": 2, "b": 2})
	data := []byte("\x89PNG\r\n\x1a\nnothing more")
	if err := os.WriteFile(filepath.Join(broken, "b", "b.png"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		filepath.Join(t.TempDir(), "nowhere"):          "no such file",
		writeFolder(t, map[string]int{"cats": 3}):      "there are 1 folders",
		writeFolder(t, map[string]int{"a": 1, "b": 3}): "there are 1 pictures",
		broken: "b.png",
	} {
		_, err := OpenFolder(t.Context(), dir, 16, 1)
		h, ok := err.(interface{ Hint() string })
		if !ok || h.Hint() == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestFolderOddFiles has what is no picture skipped, of a very long picture the middle, and nothing of what is
// hidden under clear pixels.
func TestFolderOddFiles(t *testing.T) {
	dir := writeFolder(t, map[string]int{"cats": 3, "dogs": 3})
	cats := filepath.Join(dir, "cats")
	if err := os.WriteFile(filepath.Join(cats, "empty.png"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nothing", filepath.Join(cats, "dangling.png")); err != nil {
		t.Log(err) // a system without links
	}
	if err := imageio.Write(filepath.Join(cats, "long.png"), imageio.New(3000, 1), imageio.Meta{}); err != nil {
		t.Fatal(err)
	}
	for k, name := range []string{"clear.png", "other.png"} {
		im := imageio.New(40, 30)
		im.Alpha = make([]float32, 40*30)
		for i := range im.Alpha {
			if i%40 < 20 {
				im.Alpha[i] = 1
			} else {
				im.Pix[3*i+k] = 1
			}
		}
		if err := imageio.Write(filepath.Join(dir, "dogs", name), im, imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	const size = 16
	photos, err := new(Folder).readPhotos(t.Context(), cats, size)
	if err != nil || len(photos) != 4 {
		t.Fatalf("%d photos, %v", len(photos), err)
	}
	if p := photos[3]; p.w != 4*size*5/4 || p.h != size*5/4 {
		t.Errorf("a long picture is kept as %dx%d", p.w, p.h)
	}
	photos, err = new(Folder).readPhotos(t.Context(), filepath.Join(dir, "dogs"), size)
	if err != nil || len(photos) != 5 {
		t.Fatalf("%d photos, %v", len(photos), err)
	}
	if !slices.Equal(photos[3].rgb, photos[4].rgb) || photos[3].rgb[0] != 0 ||
		photos[3].rgb[len(photos[3].rgb)-1] != 255 {
		t.Error("what is hidden under clear pixels matters, or is not white")
	}
}
