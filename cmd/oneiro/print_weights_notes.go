package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"oneiro/train"
	"oneiro/weights"
)

// note is a line of weights info.
type note struct{ name, text string }

// readable describes metadata: how the network was trained, its classes, then the rest by key.
func readable(meta weights.Metadata) []note {
	rest := maps.Clone(meta)
	for _, key := range []string{weights.KeyNetwork, weights.KeyPreset} { // info has its own rows for them
		delete(rest, key)
	}
	all := trainingNotes(rest)
	if classes := rest.Classes(); len(classes) > 0 {
		all = append(all, note{"classes", fmt.Sprintf("%d: %s", len(classes), list(classes))})
		delete(rest, weights.KeyClasses)
	}
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		all = append(all, note{plain(key), plain(rest[key])})
	}
	return all
}

// trainingNotes describes the metadata of train, and removes it from meta.
func trainingNotes(meta weights.Metadata) []note {
	s := train.DefaultSettings() // old files lack some
	if json.Unmarshal([]byte(meta[weights.KeyTraining]), &s) != nil || meta[weights.KeySteps] == "" {
		return nil
	}
	steps := fmt.Sprintf("%s of %d steps of %d pictures of %dx%d pixels, from %s", plain(meta[weights.KeySteps]),
		s.Iterations, s.Batch, s.Size, s.Size, plain(cmp.Or(meta[weights.KeyStart], "random numbers")))
	all := []note{
		{"training", steps},
		{"settings", fmt.Sprintf("seed %d, rate %g, of the body %g, warm-up %d, decay %g, smoothing %g, label weight %g, "+
			"teacher weight %g",
			s.Seed, s.LearningRate, s.LearningRate*s.BodyRate, s.WarmUp, s.Decay, s.Smoothing, s.LabelWeight,
			s.TeacherWeight)},
		{"teacher", plain(cmp.Or(meta[weights.KeyTeacher], "none"))},
	}
	if share, err := strconv.ParseFloat(meta[weights.KeyAccuracy], 64); err == nil {
		all = append(all, note{"recognises", fmt.Sprintf("%.1f %% of %s", 100*share,
			plain(cmp.Or(meta[weights.KeyTested], "new pictures")))})
	}
	for _, key := range []string{weights.KeyTraining, weights.KeySteps, weights.KeyTeacher, weights.KeyStart,
		weights.KeyAccuracy, weights.KeyTested} {
		delete(meta, key)
	}
	return all
}

// plain does what shown does, for text that may have several lines or be long.
func plain(s string) string {
	const most = 100
	text := []rune(strings.Join(strings.Fields(s), " "))
	if len(text) > most {
		return shown(string(text[:most])) + "..."
	}
	return shown(string(text))
}
