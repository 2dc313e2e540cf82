package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"oneiro/train"
)

// The keys of what train notes in the file that it writes.
const (
	noteTraining = "oneiro.training" // train.Settings in JSON
	noteSteps    = "oneiro.steps"    // taken, of those in the settings
	noteAccuracy = "oneiro.accuracy" // share of new pictures that were recognised
	noteTeacher  = "oneiro.teacher"  // name of its file
)

// note is a line of weights info.
type note struct{ name, text string }

// readable puts notes into words: how the network was trained, what it tells apart, then all others by key.
func readable(notes map[string]string) []note {
	rest := maps.Clone(notes)
	for _, key := range []string{"oneiro.network", "oneiro.preset"} { // said elsewhere
		delete(rest, key)
	}
	all := trainingNotes(rest)
	if names := rest["oneiro.classes"]; names != "" {
		classes := strings.Split(names, "\n")
		for i := range classes {
			classes[i] = plain(classes[i])
		}
		all = append(all, note{"classes", fmt.Sprintf("%d: %s", len(classes), list(classes))})
		delete(rest, "oneiro.classes")
	}
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		all = append(all, note{plain(key), plain(rest[key])})
	}
	return all
}

// trainingNotes puts into words what train noted, and takes it out of notes.
func trainingNotes(notes map[string]string) []note {
	var s train.Settings
	if json.Unmarshal([]byte(notes[noteTraining]), &s) != nil || notes[noteSteps] == "" {
		return nil
	}
	steps := fmt.Sprintf("%s of %d steps of %d pictures of %dx%d pixels", plain(notes[noteSteps]), s.Iterations, s.Batch, s.Size, s.Size)
	all := []note{
		{"training", steps},
		{"settings", fmt.Sprintf("seed %d, rate %g, warm-up %d, decay %g, smoothing %g, label weight %g, teacher weight %g",
			s.Seed, s.LearningRate, s.WarmUp, s.Decay, s.Smoothing, s.LabelWeight, s.TeacherWeight)},
		{"teacher", plain(cmp.Or(notes[noteTeacher], "none"))},
	}
	if share, err := strconv.ParseFloat(notes[noteAccuracy], 64); err == nil {
		all = append(all, note{"recognises", fmt.Sprintf("%.1f %% of new pictures", 100*share)})
	}
	for _, key := range []string{noteTraining, noteSteps, noteTeacher, noteAccuracy} {
		delete(notes, key)
	}
	return all
}

// plain returns text of a file such that it fits into a cell of a table and cannot command a terminal.
func plain(s string) string {
	const most = 100
	text := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
	if len(text) > most {
		return string(text[:most]) + "..."
	}
	return string(text)
}
