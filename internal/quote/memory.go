package quote

import (
	"fmt"
	"math"
)

// Memory returns a number of bytes in MiB, or in GiB if there are many, with one decimal.
func Memory(bytes int64) string { return memory(bytes, math.Round) }

// MemoryUp is Memory, rounded up: what is needed.
func MemoryUp(bytes int64) string { return memory(bytes, math.Ceil) }

func memory(bytes int64, round func(float64) float64) string {
	unit, name := 1<<20, "MiB"
	if bytes >= 1<<30 {
		unit, name = 1<<30, "GiB"
	}
	return fmt.Sprintf("%.1f %s", round(float64(bytes)/float64(unit)*10)/10, name)
}
