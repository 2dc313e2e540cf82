package quote

import "testing"

func TestWord(t *testing.T) {
	for word, want := range map[string]string{
		"a b": "'a b'", "it's": `'it'\''s'`, "": "''", "-a_1/b.png": "-a_1/b.png", "$x": "'$x'",
	} {
		if got := Word(word); got != want {
			t.Errorf("%q becomes %s, want %s", word, got, want)
		}
	}
}
