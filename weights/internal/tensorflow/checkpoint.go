// Package tensorflow reads frozen graphs and checkpoints of TensorFlow.
package tensorflow

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// A checkpoint of TensorFlow is several files whose names begin alike: NAME.index says where in
// NAME.data-00000-of-00001 and the like each tensor is, and NAME.meta describes the network. An older one has
// the tensors in NAME itself. A SavedModel is a folder with saved_model.pb, which describes a network, and a
// checkpoint in the folder variables. In a folder of checkpoints, the text checkpoint says which is the
// latest.
const (
	indexSuffix = ".index"
	metaSuffix  = ".meta"
	listName    = "checkpoint"
)

// SavedModel is the file that describes the network of a SavedModel.
const SavedModel = "saved_model.pb"

var (
	dataSuffix = regexp.MustCompile(`\.data-\d{5}-of-\d{5}$`)
	latestLine = regexp.MustCompile(`(?m)^\s*model_checkpoint_path:\s*"([^"]+)"`)
)

// CheckpointOf returns the file of a checkpoint that has to be opened where path is another one of it, or what
// their names have in common, or a SavedModel, or a folder whose latest or only checkpoint it is. Otherwise it
// is path.
func CheckpointOf(path string) string {
	info, err := os.Stat(path)
	var candidates []string
	switch {
	case err == nil && info.IsDir():
		if isFile(filepath.Join(path, SavedModel)) {
			candidates = []string{filepath.Join(path, "variables", "variables"+indexSuffix)}
		} else {
			candidates = latest(filepath.Join(path, listName))
			if indexes := Indexes(path); len(indexes) == 1 {
				candidates = append(candidates, indexes...)
			}
		}
	case err == nil && filepath.Base(path) == listName:
		candidates = latest(path)
	case filepath.Base(path) == SavedModel:
		candidates = []string{filepath.Join(filepath.Dir(path), "variables", "variables"+indexSuffix)}
	case strings.HasSuffix(path, metaSuffix):
		name := strings.TrimSuffix(path, metaSuffix)
		candidates = []string{name + indexSuffix, name}
	case dataSuffix.MatchString(path):
		candidates = []string{dataSuffix.ReplaceAllString(path, indexSuffix)}
	case err != nil:
		candidates = []string{path + indexSuffix}
	}
	for _, c := range candidates {
		if isFile(c) {
			return c
		}
	}
	return path
}

// latest returns what may be the checkpoint that a list of them calls the latest. It is looked for beside the
// list, wherever it was when the list was written.
func latest(list string) []string {
	const most = 1 << 16 // bytes; the latest comes first
	if !isFile(list) {
		return nil
	}
	r, err := os.Open(list)
	if err != nil {
		return nil // opening it as weights says so again
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, most))
	found := latestLine.FindSubmatch(text)
	if err != nil || found == nil {
		return nil
	}
	name := filepath.Join(filepath.Dir(list), path.Base(strings.ReplaceAll(string(found[1]), `\`, "/")))
	return []string{name + indexSuffix, name}
}

// Indexes returns the indexes of the checkpoints in a folder.
func Indexes(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // opening the folder says so again
	}
	var all []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), indexSuffix) {
			all = append(all, filepath.Join(folder, e.Name()))
		}
	}
	return all
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// CheckpointPart says what a file is by its name if it is a part of a checkpoint from which nothing can be
// read, and what to do. looks is empty for other files.
func CheckpointPart(path string) (looks, advice string) {
	name := filepath.Base(path)
	switch {
	case dataSuffix.MatchString(name):
		return "the numbers of a TensorFlow checkpoint without their names",
			"put " + dataSuffix.ReplaceAllString(name, indexSuffix) +
				" beside it, which says where each tensor is"
	case strings.HasSuffix(name, metaSuffix):
		name = strings.TrimSuffix(name, metaSuffix)
		return "the description of a network by TensorFlow, without its weights",
			"give " + name + indexSuffix + " or " + name + ", which was saved with it"
	}
	return "", ""
}
