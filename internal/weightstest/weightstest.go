// Package weightstest makes files of weights for tests, and checks the errors that broken ones cause.
package weightstest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// NPY returns an .npy file (version 1) of little-endian float32.
func NPY(shape []int, values ...float32) []byte {
	dims := make([]string, len(shape))
	for i, n := range shape {
		dims[i] = fmt.Sprintf("%d,", n)
	}
	return RawNPY(fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }",
		strings.Join(dims, " ")),
		Float32s(values))
}

func RawNPY(header string, data []byte) []byte {
	b := []byte("\x93NUMPY\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)+1))
	b = append(b, header+"\n"...)
	return append(b, data...)
}

func Float32s(values []float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

type Member struct {
	Name string
	Data []byte
}

func Zipped(method uint16, members ...Member) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.Name, Method: method})
		if err != nil {
			panic(err)
		}
		if _, err := w.Write(m.Data); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func Write(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Refused checks that err has the type of want, one line, and a hint; it returns it as that type.
func Refused[E interface {
	error
	Hint() string
}](t testing.TB, err error) E {
	t.Helper()
	var as E
	if !errors.As(err, &as) {
		t.Fatalf("got %T (%v), want %T", err, err, as)
	}
	WellFormed(t, err)
	return as
}

func WellFormed(t testing.TB, err error) {
	t.Helper()
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Fatalf("%T (%v) has no hint", err, err)
	}
	if s := err.Error() + hinted.Hint(); strings.ContainsAny(s, "\n\r\x00\x1b") {
		t.Fatalf("%T is not one clean line: %q", err, s)
	}
}

// Counted is the array 0, 1/8, 2/8 ... of shape O, I, H, W in the order H, W, I, O.
func Counted(o, i, h, w int) []float32 {
	var out []float32
	for y := range h {
		for x := range w {
			for c := range i {
				for k := range o {
					out = append(out, float32(((k*i+c)*h+y)*w+x)/8)
				}
			}
		}
	}
	return out
}

func Is[E interface {
	error
	Hint() string
}](t testing.TB, err error) {
	t.Helper()
	Refused[E](t, err)
}

// FalseSize makes the directory of an archive of one member say that it inflates to 4 GB.
func FalseSize(b []byte) []byte {
	at := bytes.Index(b, []byte("PK\x01\x02"))
	copy(b[at+24:], "\xf0\xff\xff\xff")
	return b
}

func Eighths(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i) / 8
	}
	return out
}

func Words(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// Vector is the array 0, 1/8, 2/8 ... of one dimension.
func Vector(n int) []float32 { return Counted(1, 1, 1, n) }

// Every is n numbers that differ.
func Every(n int, first, step float32) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = first + step*float32(i)
	}
	return v
}

// File is a member of an archive.
func File(name string, data []byte) Member { return Member{name, data} }
