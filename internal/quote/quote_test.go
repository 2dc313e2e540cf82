package quote

import "testing"

func TestPath(t *testing.T) {
	for path, want := range map[string]string{
		"plain.png": "plain.png", "with space é.png": "with space é.png",
		"": `""`, "two\nlines": `"two\nlines"`, "bad\xff": `"bad\xff"`,
	} {
		if got := Path(path); got != want {
			t.Errorf("Path(%q) = %s, want %s", path, got, want)
		}
	}
}
