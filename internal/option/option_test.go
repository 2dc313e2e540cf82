package option

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

type options struct {
	Size    int
	Seed    uint64
	Rate    float64
	Name    string
	Init    string
	Weights []float64
	Layers  []string
	Class   int
	Quiet   bool
}

var table = Table{
	{Name: "size", Field: "Size", Unit: "pixels", Help: "longer side", Zero: "keeps it",
		Range: Between(1, 100), Changes: Result | Memory, Basic: true},
	{Name: "seed", Field: "Seed", Help: "seed"},
	{Name: "lr", Field: "Rate", Aliases: []string{"step"}, Help: "learning rate", Range: Above(0).UpTo(2)},
	{Name: "name", Field: "Name", Help: "name", Choices: []string{"a", "b", "c"}},
	{Name: "init", Field: "Init", Help: "start", Choices: []string{"x"}, Or: "a file"},
	{Name: "weights", Field: "Weights", Help: "weights", Range: AtLeast(0)},
	{Name: "layers", Field: "Layers", Help: "layers", Default: "the network's own"},
	{Name: "class", Field: "Class", None: "-1", Names: Class, Help: "class"},
	{Name: "quiet", Field: "Quiet", Help: "say nothing"},
}

func defaults() *options { return &options{Size: 5, Rate: 1, Name: "a", Init: "x", Class: -1} }

func TestSet(t *testing.T) {
	o := defaults()
	values := Values{
		"size": "7", "seed": "18446744073709551615", "step": "0.25", "name": "b", "init": "f.png", "weights": "1, 2.5",
		"layers": `"p,q",r`, "class": "3", "quiet": "true",
	}
	if err := table.Set(o, values).Err(); err != nil {
		t.Fatal(err)
	}
	want := &options{7, math.MaxUint64, 0.25, "b", "f.png", []float64{1, 2.5}, []string{"p,q", "r"}, 3, true}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %+v, want %+v", o, want)
	}
	again := defaults()
	if err := table.Without("layers").Set(again, table.Without("layers").Changed(o, defaults())).Err(); err != nil {
		t.Fatal(err)
	}
	if again.Layers = want.Layers; !reflect.DeepEqual(again, want) {
		t.Errorf("what changed makes %+v, want %+v", again, want)
	}
	if err := table.Set(o, Values{"class": "", "weights": ""}).Err(); err != nil || o.Class != -1 || o.Weights != nil {
		t.Errorf("empty text gives %+v, %v", o, err)
	}
}

// TestListRoundTrip checks that Set reads what String writes.
func TestListRoundTrip(t *testing.T) {
	for _, layers := range [][]string{
		nil, {""}, {"", ""}, {"a", "b"}, {"a,b", "c"}, {`say "a"`, "b"}, {" a "}, {"a\nb", "c"}, {"\n"}, {`\.`},
	} {
		from, to := &options{Layers: layers}, new(options)
		text := table.Lookup("layers").Of(from).String()
		if err := table.Lookup("layers").Of(to).Set(text); err != nil || !reflect.DeepEqual(to, from) {
			t.Errorf("%q is written as %s and read as %q, %v", layers, text, to.Layers, err)
		}
	}
	o := &options{Weights: []float64{1, 2.5}}
	if text := table.Lookup("weights").Of(o).String(); text != "1,2.5" {
		t.Errorf("numbers are written as %s", text)
	}
}

func TestSetMistakes(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"size":    {"abc", `size must be a whole number, not "abc"`},
		"seed":    {"-1", `seed must be a whole number of 0 or more, not "-1"`},
		"lr":      {"fast", `lr must be a number, not "fast"`},
		"weights": {"1,x", `weights must be a list of numbers, not "1,x"`},
		"quiet":   {"maybe", `quiet must be true or false, not "maybe"`},
		"layers":  {"a,b\nc", `layers must be a list of strings, not "a,b\nc"`},
		"siez":    {"1", "siez is not an option"},
	} {
		if err := table.Set(defaults(), Values{name: c.value}).Err(); err == nil || err.Error() != c.want {
			t.Errorf("%s=%s: %v, want %s", name, c.value, err, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := table.Check(defaults()).Err(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct{ value, want string }{
		"size":    {"101", "size must be 1 to 100, or 0, not 101"},
		"lr":      {"0", "lr must be more than 0 and at most 2, not 0"},
		"name":    {"d", `name must be a, b or c, not "d"`},
		"weights": {"1,NaN", "weights must be 0 or more, not NaN"},
	} {
		o := defaults()
		if err := table.Set(o, Values{name: c.value}).Err(); err != nil {
			t.Fatal(err)
		}
		if err := table.Check(o).Err(); err == nil || err.Error() != c.want {
			t.Errorf("%s=%s: %v, want %s", name, c.value, err, c.want)
		}
	}
	for name, value := range (Values{"size": "0", "init": "other", "weights": "0,3", "class": "7"}) {
		o := defaults()
		if err := append(table.Set(o, Values{name: value}), table.Check(o)...).Err(); err != nil {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	e := table.Check(&options{Size: -1, Rate: 1, Name: "z"}).Err().(*Error)
	if len(e.Mistakes) != 2 || !strings.HasPrefix(e.Text("--"), "--size must be") || !strings.Contains(e.Text("--"), "; --name must be") {
		t.Errorf("%v", e.Text("--"))
	}
	if !strings.Contains(e.Hint(), "size: longer side; 0 keeps it") {
		t.Errorf("the hint is %q", e.Hint())
	}
}

// TestEmptyChoice checks that empty text is a choice only where the option says what that stands for.
func TestEmptyChoice(t *testing.T) {
	for _, c := range []struct {
		option Option
		want   string
	}{
		{Option{}, `name must be a or b, not ""`},
		{Option{Default: "the network's own"}, ""},
		{Option{Zero: "turns it off"}, ""},
		{Option{None: "none"}, ""},
	} {
		o := c.option
		o.Name, o.Field, o.Choices = "name", "Name", []string{"a", "b"}
		text := ""
		if err := (Table{o}).Check(&options{Name: o.None}).Err(); err != nil {
			text = err.Error()
		}
		if text != c.want {
			t.Errorf("%+v: %q, want %q", c.option, text, c.want)
		}
	}
}

func TestRange(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		r       Range
		in, out []float64
	}{
		{Range{}, []float64{-1e300, 0, inf}, []float64{nan}},
		{Between(1, 3), []float64{1, 3}, []float64{0.999, 3.001, nan, inf}},
		{AtLeast(0), []float64{0, 1e300}, []float64{-1e-300, nan, inf, -inf}},
		{Above(0), []float64{1e-300}, []float64{0, nan, inf}},
		{Above(0).UpTo(2), []float64{2}, []float64{0, 2.1, nan}},
	} {
		for _, v := range c.in {
			if !c.r.Contains(v) {
				t.Errorf("%v is not %v", v, c.r)
			}
		}
		for _, v := range c.out {
			if c.r.Contains(v) {
				t.Errorf("%v is %v", v, c.r)
			}
		}
	}
}

func TestRangeText(t *testing.T) {
	for want, r := range map[string]Range{
		"a number": {}, "1 to 1000000": Between(1, 1e6), "0.25 to 1e+18": Between(0.25, 1e18),
		"-1 or more": AtLeast(-1), "more than 0": Above(0), "more than 1 and at most 8": Above(1).UpTo(8),
	} {
		if got := r.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSchema(t *testing.T) {
	s := NewSchema("test", "")
	s.Add(table, defaults())
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Properties map[string]map[string]any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[string]any{
		"size":    {"type": "integer", "default": 5.0, "minimum": 0.0, "maximum": 100.0, "x-unit": "pixels", "x-basic": true, "x-changes-memory": true},
		"lr":      {"type": "number", "exclusiveMinimum": 0.0, "maximum": 2.0, "minimum": nil},
		"name":    {"type": "string", "enum": []any{"a", "b", "c"}, "default": "a"},
		"init":    {"type": "string", "enum": nil, "examples": []any{"x"}},
		"weights": {"type": "array", "items": map[string]any{"type": "number", "minimum": 0.0}, "minimum": nil, "default": []any{}},
		"layers":  {"type": "array", "default": nil},
		"class":   {"type": "string", "default": "", "x-names": "class"},
		"quiet":   {"type": "boolean", "default": false, "x-changes-result": false},
	} {
		for key, v := range want {
			if p := got.Properties[name]; !reflect.DeepEqual(p[key], v) {
				t.Errorf("%s: %s is %v, want %v", name, key, p[key], v)
			}
		}
	}
}

func TestOfPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an option without a field does not panic")
		}
	}()
	(&Option{Name: "x", Field: "None"}).Of(defaults())
}
