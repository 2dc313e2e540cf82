package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oneiro/film"
	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/studio"
)

// studioInputs are the pictures that commands take, as the studio names them.
var studioInputs = map[string][]studio.Input{
	"style": {
		{Role: string(render.RoleContent), Optional: true}, {Role: string(render.RoleStyle), Many: true, Optional: true},
	},
	"texture": {{Role: string(render.RoleStyle), Optional: true}},
	"dream":   {{Role: string(render.RoleImage), Optional: true}},
	"film": {
		{Role: string(render.RoleContent), Clip: true, Optional: true},
		{Role: string(render.RoleStyle), Many: true, Optional: true},
	},
	"film dream": {{Role: string(render.RoleImage), Clip: true, Optional: true}},
}

// studioCommands describes what the studio can run: the pipelines, and what is done with pictures afterwards.
func studioCommands() []studio.Command {
	var all []studio.Command
	for _, p := range pipelines() {
		c := studioCommand(p.name, p.short, p.sets(new(jobOptions))...)
		c.Inputs, c.Endings, c.Runs = studioInputs[p.name], writtenEndings, true
		if p.films {
			c.Endings = filmEndings()
		}
		all = append(all, c)
	}
	again := studioCommand("again", newAgain().Short, againSets()...)
	again.Finds = true
	again.Inputs, again.Endings, again.Runs = []studio.Input{{Role: "picture"}}, writtenEndings, true

	o := recolorOptions{Recoloring: render.DefaultRecoloring()}
	recolor := studioCommand("recolor", newRecolor().Short, optionSet{render.RecolorTable, &o.Recoloring},
		optionSet{recolorFiles, &o})
	recolor.Inputs, recolor.Endings = []studio.Input{{Role: "result"}, {Role: "photo", Optional: true}}, writtenEndings

	scoring := studioCommand("score", newScore().Short, optionSet{judgingTable, new(judgingOptions)})
	scoring.Finds = true
	scoring.Inputs = []studio.Input{
		{Role: "result"}, {Role: "content", Optional: true, Flag: "content"},
		{Role: "style", Optional: true, Many: true, Flag: "style"},
	}

	rendering := studioCommand("render", newRender().Short, optionSet{renderTable, new(renderOptions)})
	rendering.Inputs, rendering.Endings = []studio.Input{{Role: "canvas"}}, writtenEndings

	regions := studioCommand("regions", newRegions().Short,
		optionSet{regionsTable, &regionsOptions{Count: defaultRegions}})
	regions.Inputs, regions.Endings = []studio.Input{{Role: "photo"}}, []string{"png", "tif"}
	return append(all, again, recolor, scoring, rendering, regions)
}

// filmEndings are those of the films that can be written here.
func filmEndings() []string {
	return slices.DeleteFunc(slices.Clone(film.Endings), func(ending string) bool {
		_, missing := errors.AsType[*film.ToolError](film.Check(filepath.Join(os.TempDir(), "film."+ending)))
		return missing
	})
}

// studioCommand describes a command with some options.
func studioCommand(name, short string, sets ...optionSet) studio.Command {
	schema := option.NewSchema("oneiro "+name, short)
	c := studio.Command{Name: name, Short: short}
	for _, set := range sets {
		schema.Add(set.Table, set.defaults)
		for _, o := range set.Table {
			c.Order = append(c.Order, o.Name)
			if o.Basic {
				c.Basic = append(c.Basic, o.Name)
			}
		}
	}
	text, err := json.Marshal(schema)
	if err != nil {
		panic(err)
	}
	c.Schema = text
	return c
}

// againSets returns the options of all pipelines, each once.
func againSets() []optionSet {
	var all []optionSet
	seen := map[string]bool{}
	for _, p := range pipelines() {
		for _, set := range p.sets(new(jobOptions)) {
			own := set.Filter(func(o *option.Option) bool { return !seen[o.Name] })
			for _, o := range own {
				seen[o.Name] = true
			}
			all = append(all, optionSet{own, set.defaults})
		}
	}
	return all
}

// studioBookmarks lists the words that can be dreamed of.
func studioBookmarks() []studio.Bookmark {
	var all []studio.Bookmark
	for _, net := range nn.All() {
		for _, word := range render.BookmarkNames(net) {
			all = append(all, studio.Bookmark{Word: word, Network: net.Name})
		}
	}
	return all
}

// studioPresets are options for what people ask for most, after docs/tuning.md.
func studioPresets() []studio.Preset {
	var all []studio.Preset
	for _, of := range []struct {
		command string
		presets []preset
	}{
		{"style", []preset{
			{"A quick look", "size=256 iterations=50"}, {"Fine: 1024 pixels", "size=1024 iterations=200"},
			{"For a print", "size=3072 tv-weight=30"}, {"Keep a face", "structure-weight=4"},
			{"All style", "style-weight=150 structure-weight=0"}, {"A little style", "style-weight=15"},
			{"Broad strokes", "style-scale=2"}, {"The photograph’s colours", "colors=photo"},
			{"Without grain", "tv-weight=100 iterations=200"},
		}},
		{"dream", []preset{
			{"A quick look", "size=320 iterations=8"}, {"Calm", "random-zoom=0.05 random-turn=5 lr=1"},
			{"Like an engraving", "gray-gradient=true"}, {"What is there, exaggerated", "objective=caricature"},
			{"Like the first dreams", "lap=0"},
		}},
		{"texture", []preset{
			{"A quick look", "size=256x256 iterations=50"}, {"Tiles without seams", "tileable=true"},
		}},
		{"film", []preset{
			{"A quick look", "size=256 iterations=50 frame-iterations=8 range=1-24"}, {"Very steady", "temporal-weight=150"},
			{"The film’s colours", "colors=photo"}, {"Twice, there and back", "passes=2"},
		}},
		{"film dream", []preset{
			{"A quick look", "size=320 iterations=8 range=1-24"}, {"Lasting", "decay=0.98"},
		}},
	} {
		for _, p := range of.presets {
			values := option.Values{}
			for _, word := range strings.Fields(p.options) {
				name, value, _ := strings.Cut(word, "=")
				values[name] = value
			}
			all = append(all, studio.Preset{Name: p.name, Command: of.command, Options: values})
		}
	}
	return all
}

// preset has options as NAME=VALUE, with spaces between.
type preset struct{ name, options string }
