package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/nn"
)

// numbered is a ClassFinder that knows numbers only.
func numbered(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	return strconv.Atoi(name)
}

// shuffle sets about half of the options to values that Check accepts.
func shuffle(t *testing.T, random *rand.Rand, table option.Table, options any) {
	t.Helper()
	for i := range table {
		o := &table[i]
		if random.IntN(2) == 0 {
			continue
		}
		number := strconv.Itoa(1 + random.IntN(9))
		text := number
		switch v := o.Of(options); {
		case len(o.Choices) > 0:
			text = o.Choices[random.IntN(len(o.Choices))]
		case v.IsBool():
			text = "true"
		case o.Field == "Extent":
			text = number + "x" + number
		case v.Type() == "float":
			text = fmt.Sprint(1.01 + random.Float64())
			if o.Range.Contains(0.1) && !o.Range.Contains(1.5) {
				text = fmt.Sprint(random.Float64())
			}
		case v.Type() == "region list":
			text = "blue=picture:scale=" + number + ",red=keep"
		case v.Type() == "region name list":
			text = "sky=blue,tree=#20704" + number
		case v.Type() == (Keys{}).Type():
			text = `[{"frame":1` + number + `,"objective":"mean","zoom":1.0` + number + `}]`
		case v.Type() == (Shift{}).Type():
			text = number + ",-0.5"
		case v.Type() == "target list":
			text = "relu2_1:" + number + ",relu3_1,class:" + number
		case v.Type() == "string list":
			text = "relu2_1,relu" + number
		case v.IsList():
			text = []string{"", number, number + "," + number}[random.IntN(3)]
		}
		if err := o.Of(options).Set(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Check(options).Err(); err != nil {
		t.Fatal(err)
	}
}

// TestRecipeRoundTrip makes recipes of random options, and options of the recipes.
func TestRecipeRoundTrip(t *testing.T) {
	net := nn.GoogLeNet()
	tried := map[string]bool{}
	again := func(r Recipe) *Recipe {
		t.Helper()
		tried[r.Command] = true
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := ParseRecipe(string(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return parsed
	}
	same := func(seed uint64, got, want any, err error) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: error %v\ngot  %+v\nwant %+v", seed, err, got, want)
		}
	}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		style := []func(*nn.Network) StyleOptions{DefaultStyle, NeuralStylePT}[seed%2](net)
		shuffle(t, random, StyleTable.Without("compat", "bookmark"), &style)
		gotStyle, err := again(StyleRecipe(net, style)).Style(net, numbered)
		same(seed, gotStyle, style, err)

		film := DefaultStyleFilm(net)
		shuffle(t, random, StyleFilmTable.Without("bookmark", "cuts"), &film)
		film.Cuts = Cuts{At: []int{int(seed) + 2}}
		gotFilm, err := again(StyleFilmRecipe(net, film)).StyleFilm(net, numbered)
		same(seed, gotFilm, film, err)

		texture, err := TextureFrom(net, nil)
		if err != nil {
			t.Fatal(err)
		}
		shuffle(t, random, TextureTable, &texture)
		gotTexture, err := again(TextureRecipe(net, texture)).Texture(net)
		same(seed, gotTexture, texture, err)

		dreamer := nn.Builtin()
		dream := DefaultDream(dreamer)
		shuffle(t, random, DreamTable.Without("bookmark"), &dream) // of which objectives are made
		dreams := DefaultDreamFilm(dreamer)
		shuffle(t, random, DreamFilmTable.Without("bookmark", "cuts"), &dreams)
		dreams.Cuts = Cuts{}
		gotDreams, err := again(DreamFilmRecipe(dreamer, dreams)).DreamFilm(dreamer, numbered)
		same(seed, gotDreams, dreams, err)

		gotDream, err := again(DreamRecipe(dreamer, dream)).Dream(dreamer, numbered)
		same(seed, gotDream, dream, err)

		vis := DefaultVis(net)
		vis.Targets = []Target{{"inception_4c/output", 3}}
		shuffle(t, random, VisTable.Without("atlas"), &vis) // which has no targets
		gotVis, err := again(VisRecipe(net, vis)).Vis(net, numbered)
		same(seed, gotVis, vis, err)
	}
	for command := range Tables {
		if !tried[command] {
			t.Errorf("no recipe of %s was tried", command)
		}
	}
}

// TestRecipeKeepsDifferences checks that a recipe has what differs from the defaults and nothing else.
func TestRecipeKeepsDifferences(t *testing.T) {
	net := nn.Builtin()
	o := NeuralStylePT(net)
	o.StyleWeight, o.Seed = 7, 9
	r := StyleRecipe(net, o)
	if want := (option.Values{"compat": "neural-style-pt", "style-weight": "7"}); !reflect.DeepEqual(r.Options, want) || r.Seed != 9 {
		t.Errorf("options %v, seed %d", r.Options, r.Seed)
	}
	d := DefaultDream(net)
	if r := DreamRecipe(net, d); len(r.Options) != 0 {
		t.Errorf("options %q", r.Options)
	}
	d.Channels = []int{3}
	if r := DreamRecipe(net, d); !reflect.DeepEqual(r.Options, option.Values{"channels": "3"}) {
		t.Errorf("options %q", r.Options)
	}
}

// TestOldNameOfWinograd reads a recipe in which the table of Winograd's tiles has its older name.
func TestOldNameOfWinograd(t *testing.T) {
	for name, want := range map[string]string{"tiles": `{"tile":6}`, "winograd": `{"tile":6}`, "other": ""} {
		r, err := ParseRecipe(`{"program":"oneiro","recipe":2,"command":"dream","engine":{"kernels":"avx2","tile":256,"` + name + `":{"tile":6}}}`)
		if err != nil {
			t.Fatal(err)
		}
		if e := r.Engine; string(e.Winograd) != want || e.Kernels != "avx2" || e.Tile != 256 {
			t.Errorf("%s: %+v", name, e)
		}
		text, err := json.Marshal(r.Engine)
		if err != nil || strings.Contains(string(text), "tiles") {
			t.Errorf("it is written as %s, %v", text, err)
		}
	}
}

// TestRecipe1 reads a recipe of the first version.
func TestRecipe1(t *testing.T) {
	r, err := ParseRecipe(`{"program":"oneiro","version":"1.2","command":"style","pictures":["a.jpg","b.jpg"],"model":"vgg19","weights":"v.npz",
		"device":"NVIDIA X","kernels":"avx2","tiles":{"tile":4},"options":{"device":"cuda:1","tf32":"true","init":"c.png","pooling":"avg",
		"preset":"caffe-bgr","seed":"5","style-weight":"3.5","content-weight":"0.3","structure-weight":"2","size":"32"}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := &Recipe{
		Program: "oneiro", Version: "1.2", Recipe: 1, Command: "style", Seed: 5,
		Inputs:  []Input{{Role: RoleContent, Name: "a.jpg"}, {Role: RoleStyle, Name: "b.jpg"}, {Role: RoleInit, Name: "c.png"}},
		Network: RecipeNetwork{Name: "vgg19", Pooling: "avg", Preset: "caffe-bgr", File: "v.npz"},
		Options: option.Values{"init": "picture", "style-weight": "3.5", "size": "32", "style-loss": "gram",
			"content-weight": "0.075", "structure-weight": "0.5"}, // a VGG's unit is 4
		Engine: RecipeEngine{Device: "cuda:1", GPU: "NVIDIA X", TF32: true, Kernels: "avx2", Winograd: json.RawMessage(`{"tile":4}`)},
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	r, err = ParseRecipe(`{"program":"oneiro","command":"dream","pictures":[],"options":{"step":"3","seed":"0"}}`)
	if err != nil || r.Options["lr"] != "3" {
		t.Errorf("%+v, %v", r, err)
	}
	o, err := r.Dream(nn.Builtin(), numbered)
	if err != nil || o.LearningRate != 3 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestBadRecipes(t *testing.T) {
	for text, want := range map[string]string{
		``:                     "unexpected end",
		`{"program":"x"}`:      "another program",
		`{"program":"oneiro"}`: "there is no command",
		`{"program":"oneiro","command":"style","recipe":3}`:             "version 3",
		`{"program":"oneiro","command":"style","options":{"seed":"x"}}`: "seed",
	} {
		_, err := ParseRecipe(text)
		if _, ok := errors.AsType[*RecipeError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	net := nn.Builtin()
	for _, r := range []Recipe{
		{Command: "dream"},
		{Command: "style", Defaults: DefaultsVersion + 1},
		{Command: "style", Options: option.Values{"octaves": "3"}},
		{Command: "style", Options: option.Values{"size": "x"}},
	} {
		if _, err := r.Style(net, numbered); err == nil {
			t.Errorf("%+v has options", r)
		}
	}
}

// TestRecipeDefaults checks that a recipe is refused if it relies on other defaults, older or newer.
func TestRecipeDefaults(t *testing.T) {
	for version := -1; version <= DefaultsVersion+1; version++ {
		r := Recipe{Command: "style", Version: "1.2.3", Defaults: version}
		_, err := r.Style(nn.Builtin(), numbered)
		if ok := version == 0 || version == DefaultsVersion; ok != (err == nil) { // 0 relies on none
			t.Errorf("defaults of version %d: %v", version, err)
		}
		_, is := errors.AsType[*RecipeError](err)
		if err != nil && (!is || !strings.Contains(err.Error(), "oneiro 1.2.3 wrote it")) {
			t.Errorf("defaults of version %d: %v", version, err)
		}
	}
}

func TestPixelHash(t *testing.T) {
	im := imageio.New(2, 1)
	copy(im.Pix, []float32{0, 0.5, 1, -1, 2, 1.0 / 255})
	// printf '\x00\x80\xff\x00\xff\x01' | sha256sum
	if got, want := PixelHash(im), "1b2e7b076fd8cc2e17c6c66f9eb57837ca4fd60d9dbc8f5f45784bb1766935f9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	im.Depth = 16
	// printf '\x00\x00\x80\x00\xff\xff\x00\x00\xff\xff\x01\x01' | sha256sum
	if got, want := PixelHash(im), "bc66730fe44e494f0f55186cf310ed2186aebb49877b6863144873aebdd6677f"; got != want {
		t.Errorf("with 16 bits: got %s, want %s", got, want)
	}
}

// TestEveryWeightSurvives sets options to random numbers as a command line does, makes a recipe of them and
// options of the recipe, bit by bit.
func TestEveryWeightSurvives(t *testing.T) {
	net := nn.Builtin()
	random := rand.New(rand.NewPCG(31, 0))
	weight := func() float64 {
		for {
			if v := math.Float64frombits(random.Uint64() >> 1); v > 0 && v <= maxWeight {
				return v
			}
		}
	}
	some := []float64{6e-7, 4e-7, 1e-300, 5e-324, 0.1, 1.0 / 3, maxWeight, 0}
	list := func(n int) (values []float64, text string) {
		var words []string
		for i := range n {
			v := weight()
			if random.IntN(2) == 0 {
				v = some[random.IntN(len(some))]
			}
			values = append(values, v)
			words = append(words, strconv.FormatFloat(values[i], 'g', -1, 64))
		}
		return values, strings.Join(words, ",")
	}
	for range 2000 {
		blend, blendText := list(1 + random.IntN(4))
		layers, layersText := list(len(net.Style))
		one, oneText := list(1)
		o, err := StyleFrom(net, option.Values{
			"style-blend": blendText, "style-layer-weights": layersText, "tv-weight": oneText, "until-loss": "-" + oneText,
		}, numbered)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(StyleRecipe(net, o))
		if err != nil {
			t.Fatal(err)
		}
		r, err := ParseRecipe(string(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Style(net, numbered)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Blend, blend) || !slices.Equal(got.StyleLayerWeights, layers) || got.TVWeight != one[0] ||
			got.UntilLoss != -one[0] {
			t.Fatalf("%s, %s and %s become %v, %v, %v and %v in %s", blendText, layersText, oneText,
				got.Blend, got.StyleLayerWeights, got.TVWeight, got.UntilLoss, text)
		}
	}
}
