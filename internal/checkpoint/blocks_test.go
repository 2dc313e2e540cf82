package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// container returns one with so many bytes in it, written in pieces of any length.
func container(t *testing.T, n int) (file, content []byte) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(n)))
	for len(content) < n {
		content = binary.LittleEndian.AppendUint64(content, random.Uint64())
	}
	content = content[:n]
	var b bytes.Buffer
	w, err := NewWriter(&b, "checkpoint", 3)
	if err != nil {
		t.Fatal(err)
	}
	for rest := content; len(rest) > 0; {
		k := min(len(rest), 1+random.IntN(3*maxBlock/2))
		if m, err := w.Write(rest[:k]); m != k || err != nil {
			t.Fatal(m, err)
		}
		rest = rest[k:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), content
}

func read(r io.Reader) ([]byte, error) {
	c, err := NewReader(r, "file", "checkpoint", 3)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(c)
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 1000, maxBlock - 1, maxBlock, maxBlock + 1, 5*maxBlock/2 + 7} {
		file, want := container(t, n)
		for _, r := range []io.Reader{bytes.NewReader(file), iotest.HalfReader(bytes.NewReader(file))} {
			if got, err := read(r); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: read %d, %v", n, len(got), err)
			}
		}
	}
}

// TestDamage changes every bit of a small container and some of a large one, and cuts both at every place: all
// of it has to be found.
func TestDamage(t *testing.T) {
	check := func(file []byte, what string, at int) {
		_, err := read(bytes.NewReader(file))
		var damaged *DamagedError
		var version *VersionError
		var foreign *ForeignError
		if !errors.As(err, &damaged) && !errors.As(err, &version) && !errors.As(err, &foreign) {
			t.Errorf("%s at %d: %v", what, at, err)
		}
	}
	small, _ := container(t, 50)
	for i := range small {
		check(small[:i], "cut", i)
		for bit := range 8 {
			small[i] ^= 1 << bit
			check(small, "changed", i)
			small[i] ^= 1 << bit
		}
	}
	check(append(bytes.Clone(small), 0), "longer", len(small))
	large, _ := container(t, 2*maxBlock+100)
	random := rand.New(rand.NewPCG(2, 3))
	for range 100 {
		i := random.IntN(len(large))
		check(large[:i], "cut", i)
		change := byte(1 + random.IntN(255))
		large[i] ^= change
		check(large, "changed", i)
		large[i] ^= change
	}
	// Blocks in another order, and one that is missing.
	begin, block := len(title("checkpoint", 3)), 4+maxBlock+4
	first, second := large[begin:begin+block], large[begin+block:begin+2*block]
	check(bytes.Join([][]byte{large[:begin], second, first, large[begin+2*block:]}, nil), "swapped", 0)
	check(bytes.Join([][]byte{large[:begin], second, large[begin+2*block:]}, nil), "missing", 0)
}

func TestOtherFiles(t *testing.T) {
	for content, want := range map[string]string{
		"":                          "file is not a checkpoint of oneiro",
		"\x89PNG\r\n":               "file is not a checkpoint of oneiro",
		"oneiro checkpoint 4\n":     "file is a checkpoint of version 4, and this program reads version 3",
		"oneiro checkpoint 33\nabc": "file is a checkpoint of version 33, and this program reads version 3",
		"oneiro checkpoint 3":       "file is damaged: its first line has no end",
		"oneiro checkpoint " + strings.Repeat("3", 1<<20): "file is damaged: its first line has no end",
		"oneiro checkpoint 3\n\xff\xff\xff\xff":           "file is damaged: a block has no possible length",
	} {
		if _, err := read(strings.NewReader(content)); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", content, err, want)
		}
	}
}

// TestReadError checks that an error of the disk is not taken for damage.
func TestReadError(t *testing.T) {
	file, _ := container(t, 3*maxBlock)
	broken := errors.New("broken")
	for _, n := range []int{0, 5, 100, 2 * maxBlock} {
		_, err := read(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestWriteError(t *testing.T) {
	if _, err := NewWriter(failing(0), "checkpoint", 1); err == nil {
		t.Error("the title was written")
	}
	w, err := NewWriter(failing(1), "checkpoint", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, maxBlock)); err == nil {
		t.Error("a block was written")
	}
	if w, _ = NewWriter(failing(1), "checkpoint", 1); w.Close() == nil {
		t.Error("the end was written")
	}
}

// failing is a writer that fails after so many calls.
func failing(calls int) io.Writer { return &failingWriter{calls} }

type failingWriter struct{ left int }

func (f *failingWriter) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}
