package farm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Item is what a job is to do: nothing but data, and none of it a path.
type Item struct {
	Format int `json:"item"` // itemFormat
	// Recipe is a recipe of oneiro, without what a result adds to it.
	Recipe json.RawMessage `json:"recipe"`
	// Output is what the program is told to write: the name of a file or folder, or one with %d in it, which
	// begins with outputStem.
	Output string `json:"output"`
	// Options are flags of the command that no recipe has, such as jpeg-quality.
	Options map[string]string `json:"options,omitempty"`
	// Shard is the part of a film, such as 2/5.
	Shard string `json:"shard,omitempty"`
	// Inputs are the files and folders that the recipe names, each once.
	Inputs []Input `json:"inputs"`
	// Copy is 1 for a job that is done a second time, to compare.
	Copy int `json:"copy,omitempty"`
}

// itemFormat is the version of items.
const itemFormat = 1

// outputStem begins the names of all results.
const outputStem = "result"

// Input is a file, or a folder of files, that a recipe names.
type Input struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // as in the recipe
	// Files are those of a folder, by their paths in it; nil for a file.
	Files []File `json:"files,omitempty"`
	Bytes int64  `json:"bytes"` // of all
}

// File is a file in the store.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	// Pixels is the SHA-256 of the samples, where the file is a picture that says it.
	Pixels string `json:"pixels,omitempty"`
}

// recipe is what a farm has to know of one.
type recipe struct {
	Program  string            `json:"program"`
	Version  string            `json:"version"`
	Recipe   int               `json:"recipe"`
	Command  string            `json:"command"`
	Inputs   []recipeInput     `json:"inputs"`
	Network  recipeNetwork     `json:"network"`
	Options  map[string]string `json:"options"`
	Engine   recipeEngine      `json:"engine"`
	Pixels   string            `json:"pixels"`
	Recolor  []struct{}        `json:"recolor"`
	Defaults int               `json:"defaults"`
}

type recipeInput struct {
	Role   string `json:"role"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

type recipeNetwork struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// recipeEngine is what a result depends on beside what is asked for.
type recipeEngine struct {
	Device   string          `json:"device,omitempty"`
	GPU      string          `json:"gpu,omitempty"`
	TF32     bool            `json:"tf32,omitempty"`
	Kernels  string          `json:"kernels"`
	Winograd json.RawMessage `json:"winograd,omitempty"`
	Tile     int             `json:"tile,omitempty"`
}

// lastRecipe is the version of recipes that farms take: older ones have no hashes.
const lastRecipe = 2

// ID returns the SHA-256 of an item, in hexadecimal digits.
func (i *Item) ID() string {
	text, err := json.Marshal(i) // members of maps are sorted, and the recipe was written by json.Marshal
	if err != nil {
		panic(err) // there is nothing in it that JSON does not have
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// plainRecipe returns a recipe without what a result adds to it, as any machine writes it.
func plainRecipe(text []byte, version string) (json.RawMessage, error) {
	var members map[string]any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber() // seeds have 64 bits
	if err := d.Decode(&members); err != nil {
		return nil, &RecipeError{"it is not JSON", "give what oneiro recipe --json prints"}
	}
	for _, name := range []string{"pixels", "score", "step", "frame"} {
		delete(members, name)
	}
	members["version"] = version
	return json.Marshal(members)
}

// parse reads the recipe of an item, and checks that neither has anything in it that a worker must not do:
// names are names, not paths. The error is a *RecipeError.
func (i *Item) parse() (*recipe, error) {
	r := new(recipe)
	if err := json.Unmarshal(i.Recipe, r); err != nil {
		return nil, &RecipeError{"it is not one: " + err.Error(), ""}
	}
	switch {
	case i.Format != itemFormat:
		return nil, &RecipeError{"it came from another version of oneiro-farm", "use one version everywhere"}
	case r.Program != "oneiro":
		return nil, &RecipeError{"another program wrote it", ""}
	case r.Recipe != lastRecipe:
		return nil, &RecipeError{"it is of another version", "make the picture again first: oneiro again"}
	case len(r.Recolor) > 0 && !slices.Contains([]string{"style", "texture", "dream", "vis"}, r.Command):
		return nil, &RecipeError{"films cannot be recoloured", ""}
	}
	named := map[string]string{}
	for _, in := range r.Inputs {
		if in.Name != "" {
			named[in.SHA256] = in.Name
		}
	}
	if r.Network.File != "" {
		named[r.Network.SHA256] = r.Network.File
	}
	for sum, name := range named {
		switch {
		case !isName(name):
			return nil, pathError("the name of an input", name)
		case !isHash(sum):
			return nil, &RecipeError{"it has no SHA-256 of " + quoted(name), "name files and folders, not patterns"}
		case !slices.ContainsFunc(i.Inputs, func(in Input) bool { return in.SHA256 == sum }):
			return nil, &RecipeError{"the file " + quoted(name) + " is not there", ""}
		}
	}
	if err := i.checkNames(); err != nil {
		return nil, err
	}
	for _, options := range []map[string]string{r.Options, i.Options} {
		for name, value := range options {
			if word, bad := leadsOut(value); bad {
				return nil, pathError("--"+name, word)
			}
			if !option.MatchString(name) {
				return nil, &RecipeError{quoted(name) + " is no option", ""}
			}
		}
	}
	for name := range i.Options {
		if !slices.Contains(carried, name) {
			return nil, &RecipeError{"--" + name + " is not for a farm", "leave it out"}
		}
	}
	return r, nil
}

// carried are the options of a job that no recipe has and that its result depends on.
var carried = []string{"jpeg-quality", "strip-recipe", "save-every", "allow-truncated"}

// ofTheMachine are the options of a job that are the worker's business, and those that its recipe has already.
var ofTheMachine = []string{"memory", "scratch", "threads", "tile", "checkpoint", "print-every", "preview",
	"preview-every", "depth", "profile"}

var (
	option = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	shard  = regexp.MustCompile(`^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$`)
	class  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
)

// checkNames checks all names of files.
func (i *Item) checkNames() error {
	if !isName(i.Output) || !strings.HasPrefix(i.Output, outputStem) {
		return pathError("the output", i.Output)
	}
	if i.Shard != "" && !shard.MatchString(i.Shard) {
		return &RecipeError{quoted(i.Shard) + " is not a part", ""}
	}
	for _, in := range i.Inputs {
		if !isName(in.Name) || !isHash(in.SHA256) {
			return pathError("the name of an input", in.Name)
		}
		for _, file := range in.Files {
			if !isInside(file.Name) || !isHash(file.SHA256) {
				return pathError("a file of "+quoted(in.Name), file.Name)
			}
		}
	}
	return nil
}

func pathError(what, path string) error {
	return &RecipeError{what + " leads elsewhere: " + quoted(path),
		"a recipe names no paths: inputs are found by their SHA-256"}
}

// isName tells whether a text is the name of a file, without folders.
func isName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) < 256 && !strings.ContainsAny(name, "/\\\x00") &&
		!drive.MatchString(name)
}

// isInside tells whether a path with slashes stays in its folder, on any system.
func isInside(name string) bool {
	if name == "" || path.Clean(name) != name {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if !isName(part) {
			return false
		}
	}
	return true
}

func isHash(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size && strings.ToLower(text) == text
}

var drive = regexp.MustCompile(`^[A-Za-z]:`)

// leadsOut tells whether a part of the value of an option is a path that leads out of the folder of a job.
// Other paths lead to nothing there but the job's own files.
func leadsOut(value string) (word string, bad bool) {
	words := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("=:,;\"'{}[] \t\r\n", r) })
	for _, word := range append(words, value) {
		slashes := strings.ReplaceAll(word, `\`, "/")
		if strings.HasPrefix(slashes, "/") || strings.HasPrefix(slashes, "~") || strings.ContainsRune(word, 0) ||
			slices.Contains(strings.Split(slashes, "/"), "..") || drive.MatchString(word) && strings.Contains(slashes, ":/") {
			return word, true
		}
	}
	return "", false
}

// classOf returns the class of machines that can do what an engine asks for.
func classOf(e *recipeEngine) (string, error) {
	name := e.Kernels
	if e.Device != "" && e.Device != "cpu" {
		name = gpuClass(e.GPU)
	}
	if !class.MatchString(name) {
		return "", &RecipeError{"it does not say what it is computed with", ""}
	}
	return name, nil
}

// gpuClass returns the class of a GPU: its name.
func gpuClass(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
	return "gpu-" + strings.Join(words, "-")
}

// sameEngine tells whether two engines make the same bytes.
func sameEngine(a, b *recipeEngine) bool {
	return a.Kernels == b.Kernels && a.GPU == b.GPU && a.TF32 == b.TF32 && a.Tile == b.Tile &&
		string(compact(a.Winograd)) == string(compact(b.Winograd))
}

// compact returns JSON as json.Marshal writes it.
func compact(text json.RawMessage) []byte {
	var v any
	if len(text) == 0 || json.Unmarshal(text, &v) != nil {
		return nil
	}
	out, _ := json.Marshal(v)
	return out
}
