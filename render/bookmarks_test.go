package render

import (
	"reflect"
	"strings"
	"testing"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/zoo"
)

// TestBookmarks makes a dream of each word, which checks that its layers, channels and classes are there, and
// that a recipe keeps the objectives and not the word.
func TestBookmarks(t *testing.T) {
	net := nn.Builtin()
	classes, err := zoo.BuiltinParams().Classes()
	if err != nil {
		t.Fatal(err)
	}
	class := func(name string) (int, error) {
		if n, err := numbered(name); err == nil {
			return n, nil
		}
		return zoo.FindClass(classes, name)
	}
	for network := range bookmarks {
		of, err := nn.Get(network)
		if network == net.Name {
			of, err = net, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range BookmarkNames(of) {
			o, err := DreamFrom(of, option.Values{"bookmark": word}, class)
			if err != nil {
				t.Fatal(err)
			}
			o.Image = landscape(256, 192, 1)
			if _, err := New(Dream(o), of, nil); err != nil {
				t.Errorf("%s of %s: %v", word, network, err)
			}
			values := DreamRecipe(of, o).Options
			if values["bookmark"] != "" || values["objective"] == "" {
				t.Errorf("%s of %s is kept as %v", word, network, values)
			}
			again, err := DreamFrom(of, values, class)
			if again.Image = o.Image; err != nil || !reflect.DeepEqual(o.Objectives, again.Objectives) {
				t.Errorf("%s of %s is %v again, %v", word, network, again.Objectives, err)
			}
		}
	}
	for want, of := range map[string]*nn.Network{
		`did you mean eyes`: net, "there are none for vgg19": nn.VGG19(),
	} {
		_, err := DreamFrom(of, option.Values{"bookmark": "eyess"}, class)
		if hint, ok := err.(interface{ Hint() string }); err == nil || !ok ||
			!strings.Contains(err.Error()+hint.Hint(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
