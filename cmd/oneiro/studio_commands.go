package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"

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

// studioPresets are options for what people ask for most.
func studioPresets() []studio.Preset {
	return []studio.Preset{
		{Name: "Sketch", Command: "style", Options: option.Values{"size": "256", "iterations": "60"}},
		{Name: "Screen", Command: "style", Options: option.Values{"size": "1024"}},
		{Name: "Print", Command: "style", Options: option.Values{"size": "3000"}},
		{Name: "Keep the face", Command: "style", Options: option.Values{"structure-weight": "3"}},
		{Name: "Colours of the photograph", Command: "style", Options: option.Values{"colors": "photo"}},
		{Name: "Strokes of the painting", Command: "style", Options: option.Values{"method": "nnst"}},
		{Name: "Seamless tile", Command: "texture", Options: option.Values{"size": "512", "tileable": "true"}},
	}
}
