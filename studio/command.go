package studio

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Command is a command of the program that jobs can be.
type Command struct {
	Name   string  `json:"name"`
	Short  string  `json:"short"`
	Inputs []Input `json:"inputs"`
	// Schema is the JSON Schema of the options; Order has their names as the command line lists them, and Basic
	// those that most people need.
	Schema json.RawMessage `json:"schema"`
	Order  []string        `json:"order"`
	Basic  []string        `json:"basic"`
	// Endings are those that the output may have; the first one is the default. Without any there is no output.
	Endings []string `json:"endings"`
	// Runs says that the command makes steps and previews, and has checkpoints.
	Runs bool `json:"runs"`
	// Finds says that the command looks for files by their SHA-256, where --find says.
	Finds bool `json:"-"`

	options map[string]property
	places  string // for --find
}

// Input is a picture that goes in.
type Input struct {
	Role     string `json:"role"`
	Many     bool   `json:"many"`
	Optional bool   `json:"optional"`
	// Clip says that it is a film: a file, or a folder of pictures.
	Clip bool `json:"clip,omitempty"`
	// Flag is the option that names it; without one it is an argument.
	Flag string `json:"flag,omitempty"`
}

// Preset is options under a name.
type Preset struct {
	Name    string            `json:"name"`
	Command string            `json:"command"`
	Options map[string]string `json:"options"`
}

// Bookmark is a direction to dream in.
type Bookmark struct {
	Word    string `json:"word"`
	Network string `json:"network"`
}

// property is what the studio reads of an option's schema.
type property struct {
	Type    string `json:"type"`
	Names   string `json:"x-names"`
	Default any    `json:"default"`
}

// command returns a command by its name.
func (s *Server) command(name string) (*Command, error) {
	for i := range s.config.Commands {
		if c := &s.config.Commands[i]; c.Name == name {
			return c, nil
		}
	}
	return nil, refused("there is no command "+quoted(name), "choose one of those that /api/about lists").of("command")
}

// parse reads the schema. places is for --find.
func (c *Command) parse(places string) error {
	var schema struct{ Properties map[string]property }
	if err := json.Unmarshal(c.Schema, &schema); err != nil {
		return err
	}
	c.options, c.places = schema.Properties, places
	return nil
}

// owned are the options that the studio sets itself.
var owned = []string{"json", "quiet", "resume", "print-every", "preview", "preview-every", "dry-run", "find"}

// Spec is what a job is to do.
type Spec struct {
	Command string            `json:"command"`
	Inputs  map[string]Files  `json:"inputs"`
	Options map[string]string `json:"options"`
}

// checked returns the command of a spec. It checks that the spec names no file outside the folder; all other
// checks are left to the command.
func (s *Server) checked(spec *Spec) (*Command, error) {
	c, err := s.command(spec.Command)
	if err != nil {
		return nil, err
	}
	for role := range spec.Inputs {
		if !slices.ContainsFunc(c.Inputs, func(in Input) bool { return in.Role == role }) {
			return nil, refused(c.Name+" takes no "+quoted(role), "").of(role)
		}
	}
	missing := "" // of the arguments before
	for _, in := range c.Inputs {
		files := spec.Inputs[in.Role].Names
		switch {
		case len(files) > 1 && !in.Many:
			return nil, refused(c.Name+" takes one "+in.Role, "").of(in.Role)
		case len(files) == 0 && !in.Optional:
			return nil, refused(c.Name+" needs a "+in.Role, "choose a picture").of(in.Role)
		case len(files) == 0 && in.Flag == "":
			missing = in.Role
		case len(files) > 0 && in.Flag == "" && missing != "":
			return nil, refused("with a "+in.Role+" there has to be a "+missing, "choose a picture").of(missing)
		}
		is := s.isInput
		if in.Clip {
			is = s.isClip
		}
		for _, file := range files {
			if err := is(file); err != nil {
				return nil, err.of(in.Role)
			}
		}
	}
	for name, value := range spec.Options {
		if _, is := c.options[name]; !is || slices.Contains(owned, name) {
			return nil, refused(quoted(name)+" is not an option of "+c.Name+" here", "").of(name)
		}
		if err := s.checkValue(c, name, value); err != nil {
			return nil, err.of(name)
		}
	}
	return c, nil
}

// separators stand between names of files and other words in the value of an option.
const separators = `=:,;"' ` + "\t\r\n"

// checkValue checks that nothing in the value of an option leads out of the folder.
func (s *Server) checkValue(c *Command, name, value string) *Error {
	switch {
	case strings.ContainsRune(value, 0):
		return refused("a value cannot have a zero byte in it", "")
	case len(value) > maxValue:
		return refused("the value is too long", "")
	case slices.Contains(s.config.Weights, value):
		return nil
	case name == "output":
		if value != path.Base(strings.ReplaceAll(value, `\`, "/")) || !s.hasEnding(c, value) {
			return refused("an output is a name with one of the endings "+strings.Join(c.Endings, ", ")+", or the ending",
				"leave it out, and it is numbered")
		}
		return nil
	case name == "save-canvas":
		if path.Dir(value) != "out" || !strings.HasSuffix(value, ".safetensors") {
			return refused("a canvas is saved as out/NAME.safetensors", "")
		}
	}
	words := append(strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(separators, r) }), value)
	for _, word := range words {
		if word == "" {
			continue
		}
		if err := s.inside(word); err != nil {
			return err
		}
	}
	return nil
}

// maxValue is the largest length of the value of an option, in bytes.
const maxValue = 64 << 10

func (s *Server) hasEnding(c *Command, name string) bool {
	return slices.Contains(c.Endings, strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")))
}

// arguments returns the command line of a job without the program: what a person would type.
func (c *Command) arguments(spec *Spec, output string) []string {
	args := strings.Fields(c.Name)
	for _, in := range c.Inputs {
		if in.Flag == "" {
			for _, file := range spec.Inputs[in.Role].Names {
				args = append(args, argument(file))
			}
		}
	}
	for _, in := range c.Inputs {
		if in.Flag != "" {
			for _, file := range spec.Inputs[in.Role].Names {
				args = append(args, "--"+in.Flag+"="+file)
			}
		}
	}
	for _, name := range c.Order {
		value, is := spec.Options[name]
		switch {
		case !is || name == "output":
		case c.options[name].Type == "boolean" && value == "true":
			args = append(args, "--"+name)
		default:
			args = append(args, "--"+name+"="+value)
		}
	}
	if c.Finds {
		args = append(args, "--find="+c.places)
	}
	if len(c.Endings) > 0 {
		args = append(args, "--output="+output)
	}
	return args
}

// argument keeps a path from being taken for an option.
func argument(file string) string {
	if strings.HasPrefix(file, "-") {
		return "./" + file
	}
	return file
}
