package quote

import "testing"

func TestMemory(t *testing.T) {
	for bytes, want := range map[int64][2]string{
		0: {"0.0 MiB", "0.0 MiB"}, 1: {"0.0 MiB", "0.1 MiB"}, 400 << 20: {"400.0 MiB", "400.0 MiB"},
		26979 << 20: {"26.3 GiB", "26.4 GiB"}, 1 << 30: {"1.0 GiB", "1.0 GiB"},
	} {
		if a, b := Memory(bytes), MemoryUp(bytes); a != want[0] || b != want[1] {
			t.Errorf("%d bytes: %s, up %s", bytes, a, b)
		}
	}
}
