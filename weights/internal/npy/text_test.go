package npy_test

import (
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func TestText(t *testing.T) {
	for descr, size := range map[string]int{"<U7": 56, "|S7": 14} {
		_, err := opentest.Bytes(weightstest.RawNPY("{'descr': '"+descr+"', 'fortran_order': False, 'shape': (2,), }\n",
			make([]byte, size)))
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); e.Looks != "an array of text" {
			t.Errorf("%s: %v", descr, e)
		}
	}
}
