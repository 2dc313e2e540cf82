package weights

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// A checkpoint of TensorFlow is several files whose names begin alike: NAME.index says where in NAME.data-00000-of-00001
// and its kin each tensor lies, and NAME.meta describes the network. An older one has the tensors in NAME itself.
// A SavedModel is a folder with saved_model.pb, which describes a network, and a checkpoint in the folder variables.
// In a folder of checkpoints, the text checkpoint says which is the latest.
const (
	ckptIndex  = ".index"
	ckptMeta   = ".meta"
	ckptList   = "checkpoint"
	savedModel = "saved_model.pb"
)

var (
	ckptData   = regexp.MustCompile(`\.data-\d{5}-of-\d{5}$`)
	ckptLatest = regexp.MustCompile(`(?m)^\s*model_checkpoint_path:\s*"([^"]+)"`)
)

// checkpointOf returns the file of a checkpoint that has to be opened where path is another one of it, or what
// their names have in common, or a SavedModel, or a folder whose latest or only checkpoint it is. Otherwise it is path.
func checkpointOf(path string) string {
	info, err := os.Stat(path)
	var candidates []string
	switch {
	case err == nil && info.IsDir():
		if isFile(filepath.Join(path, savedModel)) {
			candidates = []string{filepath.Join(path, "variables", "variables"+ckptIndex)}
		} else if !isFile(filepath.Join(path, manifestName)) {
			candidates = latest(filepath.Join(path, ckptList))
			if indexes := indexesIn(path); len(indexes) == 1 {
				candidates = append(candidates, indexes...)
			}
		}
	case err == nil && filepath.Base(path) == ckptList:
		candidates = latest(path)
	case filepath.Base(path) == savedModel:
		candidates = []string{filepath.Join(filepath.Dir(path), "variables", "variables"+ckptIndex)}
	case strings.HasSuffix(path, ckptMeta):
		name := strings.TrimSuffix(path, ckptMeta)
		candidates = []string{name + ckptIndex, name}
	case ckptData.MatchString(path):
		candidates = []string{ckptData.ReplaceAllString(path, ckptIndex)}
	case err != nil:
		candidates = []string{path + ckptIndex}
	}
	for _, c := range candidates {
		if isFile(c) {
			return c
		}
	}
	return path
}

// latest returns what may be the checkpoint that a list of them calls the latest. It is looked for beside the list,
// wherever it was when the list was written.
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
	found := ckptLatest.FindSubmatch(text)
	if err != nil || found == nil {
		return nil
	}
	name := filepath.Join(filepath.Dir(list), path.Base(strings.ReplaceAll(string(found[1]), `\`, "/")))
	return []string{name + ckptIndex, name}
}

// indexesIn returns the indexes of the checkpoints in a folder.
func indexesIn(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // opening the folder says so again
	}
	var all []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ckptIndex) {
			all = append(all, filepath.Join(folder, e.Name()))
		}
	}
	return all
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// checkpointPart says what a file is by its name if it is a part of a checkpoint from which nothing can be read, and
// what to do. looks is empty if it is none.
func checkpointPart(path string) (looks, advice string) {
	name := filepath.Base(path)
	switch {
	case ckptData.MatchString(name):
		return "the numbers of a TensorFlow checkpoint without their names",
			"put " + ckptData.ReplaceAllString(name, ckptIndex) + " beside it, which says where each tensor lies"
	case strings.HasSuffix(name, ckptMeta):
		name = strings.TrimSuffix(name, ckptMeta)
		return "the description of a network by TensorFlow, without its weights",
			"give " + name + ckptIndex + " or " + name + ", which was saved with it"
	}
	return "", ""
}
