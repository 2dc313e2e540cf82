package quote

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	long := strings.Repeat("ü", longest)
	for text, want := range map[string]string{
		"conv1_1.weight": "conv1_1.weight", "": "", "Eskimo dog": "Eskimo dog",
		"\x1b[31mred": `"\x1b[31mred"`, "a\tb": `"a\tb"`, "a\u202eb": `"a\u202eb"`,
		long: long[:longest] + "...",
	} {
		if got := Text(text); got != want {
			t.Errorf("Text(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"a line\n\tand more é ├─\n": "a line\n\tand more é ├─\n",
		"\x1b]0;title\x07":          `\u001b]0;title\u0007`,
		"over\rwritten":             `over\u000dwritten`,
		"c1 \u009b31m":              `c1 \u009b31m`,
		"bad \x9b utf-8":            `bad \x9b utf-8`,
		"right\u202eleft":           `right\u202eleft`,
		"\U000e0001":                `\udb40\udc01`,
	} {
		if got := string(Visible([]byte(text))); got != want {
			t.Errorf("Visible(%q) = %s, want %s", text, got, want)
		}
	}
	// JSON means the same afterwards
	const name = "\x7f\u009b\U000e0001\u202e"
	line, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal(Visible(line), &back); err != nil || back != name {
		t.Errorf("%q came back as %q, %v", name, back, err)
	}
}
