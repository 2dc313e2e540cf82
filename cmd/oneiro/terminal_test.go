package main

import (
	"bytes"
	"testing"
)

// TestTerminal prints a text in pieces of all lengths.
func TestTerminal(t *testing.T) {
	const text, want = "é├─\x1b[2J 日本\n\xff.", "é├─\\u001b[2J 日本\n\\xff."
	for n := 1; n <= len(text); n++ {
		var out bytes.Buffer
		w := &terminal{w: &out}
		for i := 0; i < len(text); i += n {
			if k, err := w.Write([]byte(text[i:min(i+n, len(text))])); k != min(n, len(text)-i) || err != nil {
				t.Fatalf("%d bytes, %v", k, err)
			}
		}
		if out.String() != want {
			t.Errorf("in pieces of %d bytes: %q", n, out.String())
		}
	}
}
