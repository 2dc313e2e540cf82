package nearest

import (
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	layers := []string{"conv1_1", "relu1_1", "conv4_1", "relu4_1", "relu4_2", "pool4", "inception_4c/output"}
	for _, c := range []struct {
		name string
		want []string
	}{
		{"relu41", []string{"relu4_1", "relu1_1"}},
		{"RELU4-2", []string{"relu4_2", "relu4_1"}},
		{"inception4c/output", []string{"inception_4c/output"}},
		{"zzzzzzz", nil},
		{"", nil},
		{"4c", nil}, // too short
		{"inception_4c", []string{"inception_4c/output"}},
		{strings.Repeat("x", 1<<16), nil},
	} {
		if got := Names(c.name, layers, 2); !slices.Equal(got, c.want) {
			t.Errorf("Names(%.20q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestContaining(t *testing.T) {
	names := []string{"hotdog", "dogsled", "Eskimo dog", "hog", "Dog", "dog-rose", "hot dog stand"}
	want := []string{"Eskimo dog", "Dog", "dog-rose", "hot dog stand", "dogsled"}
	if got := Containing("dog", names); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := Containing(" ", names); got != nil {
		t.Errorf("nothing finds %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"abc", "abc", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestHint(t *testing.T) {
	if got := Hint(nil, "none"); got != "none" {
		t.Errorf("Hint(nil) = %q", got)
	}
	if got := Hint([]string{"a", "b"}, "none"); got != "did you mean a, b?" {
		t.Errorf("Hint = %q", got)
	}
}
