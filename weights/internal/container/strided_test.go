package container

import (
	"bytes"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestStridedIsBounded(t *testing.T) {
	e := &Tensor{Name: "a", File: "file", Shape: []int{2}, DType: Float32LE}
	_, err := Strided(e, bytes.NewReader(nil), 0, MaxInMemory/4+1, []int{MaxInMemory / 4})
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Hint(), "contiguous") {
		t.Error(e.Hint())
	}
	_, err = Strided(e, bytes.NewReader(make([]byte, 15)), 0, 4, []int{3})
	weightstest.Refused[*TruncatedError](t, err)
}
