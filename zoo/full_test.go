package zoo

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var full = flag.String("full", "", "`folder` with files of full size (testdata/make_full.py)")

// TestFullSize reads the convolutions of VGG networks up to conv5_1 from files of full size in every format,
// and says how long that takes and how much memory beyond the numbers themselves. All give the same bits.
func TestFullSize(t *testing.T) {
	if *full == "" {
		t.Skip("no -full FOLDER")
	}
	files, err := os.ReadDir(*full)
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]map[string][]float32{}
	for _, entry := range files {
		t.Run(entry.Name(), func(t *testing.T) {
			network := strings.FieldsFunc(entry.Name(), func(r rune) bool { return r == '.' || r == '_' })[0]
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			f, err := OpenParams(filepath.Join(*full, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			opened := time.Since(start)
			if got, by := f.Network(); got != network {
				t.Fatalf("taken for %q as %s calls it", got, by)
			}
			numbers := int64(0)
			got := map[string][]float32{}
			in := 3
			for _, v := range vggs {
				if v.network != network {
					continue
				}
				for b, n := range v.convs {
					for i := range n {
						if b == 4 && i > 0 {
							continue
						}
						layer, out := fmt.Sprintf("conv%d_%d", b+1, i+1), int(vggWidths[b])
						read := func(name string, shape ...int) {
							if got[name], err = f.Tensor(name, shape...); err != nil {
								t.Fatal(err)
							}
							numbers += int64(len(got[name]))
						}
						read(layer+".weight", 3, 3, in, out)
						read(layer+".bias", out)
						in = out
					}
				}
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			t.Logf("%-40s opened in %4d ms, read in %5d ms, %4d MiB allocated beyond %d MiB of numbers",
				f.Format(), opened.Milliseconds(), took.Milliseconds(),
				(int64(after.TotalAlloc-before.TotalAlloc)-4*numbers)>>20, 4*numbers>>20)
			if first[network] == nil {
				first[network] = got
			}
			for name, v := range got {
				for i, x := range first[network][name] {
					if v[i] != x {
						t.Fatalf("%s differs at %d: %g and %g", name, i, v[i], x)
					}
				}
			}
		})
	}
}
