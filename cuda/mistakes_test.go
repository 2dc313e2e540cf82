//go:build cuda

package cuda

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oneiro/cuda/internal/simt"
)

const mistakesFile = "internal/simt/testdata/mistakes.cu"

// bench is a driver with kernels of testdata, two arrays for them, and 64 numbers in the second.
type bench struct {
	d    *driver
	m    *module
	y, x address
}

const blockOfMistakes = 64

// mistakes opens the stand-in with kernels of mistakes.cu.
func mistakes(t *testing.T, schedule string) *bench {
	t.Helper()
	file, err := filepath.Abs(mistakesFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(libraryVariable, simt.Library(t,
		simt.Options{Kernels: file, Sanitize: os.Getenv("ONEIRO_CUDA") == "sanitized"}))
	t.Setenv("SIMT_SCHEDULE", schedule)
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	b := &bench{}
	if b.d, err = openDriver(); err != nil {
		t.Fatal(err)
	}
	if err := b.d.use(0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.d.release() })
	if b.m, err = b.d.load(mistakesPTX(t)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*address{&b.y, &b.x} {
		if *p, err = b.d.alloc(4 * blockOfMistakes); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.d.free(*p) })
	}
	x := make([]float32, blockOfMistakes)
	for i := range x {
		x[i] = float32(i)
	}
	if err := write(b.d, b.x, x); err != nil {
		t.Fatal(err)
	}
	return b
}

// mistakesPTX declares the kernels of mistakes.cu, which is all that the stand-in reads of PTX, and some
// that are not as they are there.
func mistakesPTX(t *testing.T) []byte {
	t.Helper()
	source, err := os.ReadFile(mistakesFile)
	if err != nil {
		t.Fatal(err)
	}
	ptx := ".version 4.2\n.target sm_50\n"
	entry := func(name, parameters string) {
		ptx += fmt.Sprintf(".visible .entry oneiro_%s(\n%s\n)\n{\n\t.shared .align 4 .b8 tile[256];\n}\n",
			name, parameters)
	}
	for _, line := range strings.Split(string(source), "\n") {
		if rest, ok := strings.CutPrefix(line, "KERNEL("); ok {
			name, _, _ := strings.Cut(rest, ",")
			switch name {
			case "barrier_after_return":
				entry(name, ".param .u64 .ptr .align 1 a,\n.param .u64 b") // as newer compilers write it
			case "different_parameters":
				entry(name, ".param .u64 a,\n.param .f32 b")
			case "only_in_the_source":
			default:
				entry(name, ".param .u64 a,\n.param .u64 b")
			}
		}
	}
	entry("only_in_the_ptx", ".param .u64 a")
	return []byte(ptx)
}

// launch runs a kernel, and returns y.
func (b *bench) launch(l launch) ([]float32, error) {
	list, err := b.d.prepare(b.m, []launch{l}, func(l *launch) []byte {
		return arguments(l, func(p place) address { return address(p.offset) })
	})
	if err != nil {
		return nil, err
	}
	defer list.free()
	if err := b.d.run(list, 0, 1); err != nil {
		return nil, err
	}
	if err := b.d.synchronize(); err != nil {
		return nil, err
	}
	y := make([]float32, blockOfMistakes)
	return y, read(b.d, y, b.y)
}

// of returns the launch of a kernel that makes y of x.
func (b *bench) of(kernel string) launch {
	return launch{
		kernel: kernel, grid: [3]int{1, 1, 1}, block: [3]int{blockOfMistakes, 1, 1},
		args: []any{place{offset: int64(b.y)}, place{offset: int64(b.x)}},
	}
}

// code is the driver's code of an error, 0 for none.
func code(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	var e *DriverError
	if !errors.As(err, &e) {
		t.Fatalf("%v is not a DriverError", err)
	}
	return e.Code
}

// The three tests that follow hold the stand-in to what the conformance suite relies on: that it finds
// mistakes.

func TestMissingBarrierChangesResults(t *testing.T) {
	for kernel, same := range map[string]bool{"correct": true, "missing_barrier": false} {
		var all [][]float32
		for _, schedule := range []string{"0", "1", "2"} {
			t.Run(kernel+schedule, func(t *testing.T) {
				b := mistakes(t, schedule)
				y, err := b.launch(b.of(kernel))
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, y)
			})
		}
		for i, y := range all[1:] {
			if slices.Equal(all[0], y) != same {
				t.Errorf("%s: schedules 0 and %d give %v and %v", kernel, i+1, all[0], y)
			}
		}
		for i, v := range all[0] {
			if same && v != float32((i+3)%blockOfMistakes) {
				t.Errorf("%s: number %d is %g", kernel, i, v)
			}
		}
	}
}

// TestMistakesFail is of kernels and launches that the driver refuses, or that cost the context.
func TestMistakesFail(t *testing.T) {
	const invalidValue, launchFailed = 1, 719
	tests := []struct {
		kernel string
		change func(*bench, *launch) // nil for none
		want   int
	}{
		{"correct", nil, 0},
		{"barrier_of_some", nil, launchFailed},
		{"barrier_after_return", nil, launchFailed},
		{"different_barriers", nil, launchFailed},
		{"shuffle_of_some", nil, launchFailed},
		{"write_before", nil, launchFailed},
		{"write_behind", nil, launchFailed},
		{"read_far", nil, launchFailed},
		{"correct", func(b *bench, l *launch) { l.args[0] = place{} }, launchFailed},
		{"correct", func(b *bench, l *launch) { b.d.free(b.x); b.x = 0 }, launchFailed},
		{"correct", func(b *bench, l *launch) { l.args = l.args[:1] }, invalidValue},
		{"correct", func(b *bench, l *launch) { l.args = append(l.args, int32(1)) }, invalidValue},
		{"correct", func(b *bench, l *launch) { l.block[0] = 1025 }, invalidValue},
		{"correct", func(b *bench, l *launch) { l.grid[1] = 65536 }, invalidValue},
		{"correct", func(b *bench, l *launch) { l.grid[0] = 0 }, invalidValue},
		{"correct", func(b *bench, l *launch) { l.shared = 48 << 10 }, invalidValue}, // and 256 bytes of its own
		{"correct", func(b *bench, l *launch) { l.shared = 47 << 10 }, 0},
		{"only_in_the_ptx", nil, codeNotFound},
		{"only_in_the_source", nil, codeNotFound},
		{"different_parameters", nil, codeNotFound},
		{"nowhere", nil, codeNotFound},
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%d/%s", i, test.kernel), func(t *testing.T) {
			b := mistakes(t, "0")
			l := b.of(test.kernel)
			if test.change != nil {
				test.change(b, &l)
			}
			_, err := b.launch(l)
			if got := code(t, err); got != test.want {
				t.Fatalf("got %v, want code %d", err, test.want)
			}
			// The context outlives a refusal, and nothing else.
			want := 0
			if test.want == launchFailed {
				want = launchFailed
			}
			if got := code(t, b.d.synchronize()); got != want {
				t.Errorf("code %d after that, want %d", got, want)
			}
			p, err := b.d.alloc(4)
			if code(t, err) != want {
				t.Errorf("memory is allocated with %v after that", err)
			}
			b.d.free(p)
		})
	}
}

// TestMistakesMakeNaN is of kernels that read what nobody wrote.
func TestMistakesMakeNaN(t *testing.T) {
	for kernel, at := range map[string]int{"uninitialised": 0, "read_behind": blockOfMistakes - 1} {
		t.Run(kernel, func(t *testing.T) {
			b := mistakes(t, "0")
			y, err := b.launch(b.of(kernel))
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range y {
				if (v != v) != (i == at) {
					t.Errorf("number %d is %g", i, v)
				}
			}
		})
	}
}

// TestCopiesStayInside is of copies from and to memory that is not there.
func TestCopiesStayInside(t *testing.T) {
	b := mistakes(t, "0")
	y := make([]float32, blockOfMistakes+1)
	for name, err := range map[string]error{
		"read behind":     read(b.d, y, b.y),
		"read before":     read(b.d, y[:1], b.y-4),
		"write behind":    write(b.d, b.y, y),
		"write to null":   write(b.d, 0, y),
		"free a part":     b.d.free(b.y + 4),
		"free of a freed": errors.Join(b.d.free(b.x), b.d.free(b.x)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := read(b.d, y[:blockOfMistakes], b.y); err != nil {
		t.Error(err)
	}
}

// TestSanitizersFindMistakes is of what only they find, or find where it happens.
func TestSanitizersFindMistakes(t *testing.T) {
	for kernel, want := range map[string]string{
		"correct":       "",
		"read_behind":   "AddressSanitizer: use-after-poison",
		"write_behind":  "AddressSanitizer: use-after-poison",
		"shared_behind": "index 64 out of bounds",
		"misaligned":    "misaligned address",
	} {
		t.Run(kernel, func(t *testing.T) {
			out, err := again(t, "^TestOneKernel$/^"+kernel+"$", sanitized(t)...)
			if (err == nil) != (want == "") || !strings.Contains(out, want) ||
				!strings.Contains(out, "TestOneKernel/"+kernel) {
				t.Errorf("%v, want %q in:\n%s", err, want, out)
			}
		})
	}
}

// TestOneKernel is what TestSanitizersFindMistakes runs.
func TestOneKernel(t *testing.T) {
	if os.Getenv("ONEIRO_CUDA") != "sanitized" {
		t.Skip("a part of TestSanitizersFindMistakes")
	}
	for _, kernel := range []string{"correct", "read_behind", "write_behind", "shared_behind", "misaligned"} {
		t.Run(kernel, func(t *testing.T) {
			b := mistakes(t, "0")
			if _, err := b.launch(b.of(kernel)); err != nil {
				t.Fatal(err)
			}
		})
	}
}
