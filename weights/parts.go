package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
)

// A model may come in parts: files of one format, each with some of the tensors. Hugging Face's are called
// model-00001-of-00003.safetensors, and listed in model.safetensors.index.json; Keras' are listed in
// model.weights.json.

// partName is the name of a part of Hugging Face's, with its number and how many there are.
var partName = regexp.MustCompile(`^(.+)-(\d{5})-of-(\d{5})(\.\w+)$`)

// kerasPart is the name of a part of Keras'.
var kerasPart = regexp.MustCompile(`^(.+)_\d{5}\.weights\.h5$`)

// listNames end the names of lists of parts.
var listNames = []string{".index.json", ".weights.json"}

// maxList bounds what is read of a list of parts, and maxParts how many there are.
const (
	maxList  = 16 << 20
	maxParts = 1000
)

// isList says whether a file is a list of parts, by its name.
func isList(path string) bool {
	return slices.ContainsFunc(listNames, func(end string) bool { return strings.HasSuffix(path, end) })
}

// partsOf returns the names of the files that a model consists of, or none if path is no list and no part.
func partsOf(home *container.Home, path string) ([]string, error) {
	name := filepath.Base(path)
	if isList(name) {
		return listed(home, path)
	}
	if m := kerasPart.FindStringSubmatch(name); m != nil {
		list := filepath.Join(filepath.Dir(path), m[1]+".weights.json")
		if parts, err := listed(home, list); err == nil && slices.Contains(parts, name) {
			return parts, nil
		}
	}
	m := partName.FindStringSubmatch(name)
	if m == nil {
		return nil, nil
	}
	n, err := strconv.Atoi(m[3])
	if err != nil || n < 2 || n > maxParts {
		return nil, nil
	}
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%05d-of-%s%s", m[1], i+1, m[3], m[4]))
	}
	return all, nil
}

// listed reads a list of parts, whose weight_map has the names of tensors, or of groups of them, with the name
// of the part that each is in, or with the names of several. The error is a FormatError.
func listed(home *container.Home, path string) ([]string, error) {
	text, err := readText(home, filepath.Base(path), maxList)
	if err != nil {
		return nil, err
	}
	at := container.In(path)
	var list struct {
		Map map[string]any `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, at.Wrong(strings.TrimPrefix(err.Error(), "json: "), "a list of parts in JSON")
	}
	parts := map[string]bool{}
	for _, v := range list.Map {
		names, several := v.([]any)
		if !several {
			names = []any{v}
		}
		for _, v := range names {
			name, ok := v.(string)
			if !ok || name != filepath.Base(name) || strings.ContainsAny(name, "/\\:\x00") || isList(name) {
				return nil, at.Wrong(fmt.Sprintf("%q", v), "the name of a file beside the list")
			}
			parts[name] = true
		}
	}
	switch n := len(parts); {
	case n == 0:
		return nil, at.Wrong("none", "a weight_map with the files of a model")
	case n > maxParts:
		return nil, at.Wrong(fmt.Sprintf("%d parts", n), fmt.Sprintf("at most %d", maxParts))
	}
	return slices.Sorted(maps.Keys(parts)), nil
}

// readText reads a file of a model's folder that is no longer than most.
func readText(home *container.Home, name string, most int64) ([]byte, error) {
	r, size, err := home.Open(name, "")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	at := container.In(home.Path(name))
	if size > most {
		return nil, at.Wrong(fmt.Sprintf("%d bytes", size), fmt.Sprintf("a text of at most %d bytes", most))
	}
	text, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, at.Unreadable(err)
	}
	return text, nil
}

// openParts opens a model that consists of several files in home.
func openParts(home *container.Home, names []string, hints Hints) (_ *container.Container, err error) {
	whole := &container.Container{}
	var open closers
	whole.Closer = &open
	defer func() {
		if err != nil {
			open.Close()
		}
	}()
	for _, name := range names {
		r, size, err := home.Open(name, "")
		if errors.Is(err, os.ErrNotExist) {
			return nil, &UnsupportedError{File: home.Path(name),
				Looks:  fmt.Sprintf("a model in %d parts, of which this one is missing", len(names)),
				Advice: "put all of its parts into one folder"}
		}
		if err != nil {
			return nil, err
		}
		c, err := openFile(home.Path(name), r, size, hints)
		if err != nil {
			r.Close()
			return nil, err
		}
		open = append(open, c)
		if c.More != nil {
			more, err := c.More()
			if c.Tensors = append(c.Tensors, more...); err != nil {
				return nil, err
			}
		}
		whole.Tensors = append(whole.Tensors, c.Tensors...)
		if len(whole.Tensors) > container.MaxTensors {
			return nil, container.In(home.Path(name)).Wrong("more", fmt.Sprintf("at most %d tensors",
				container.MaxTensors))
		}
		if whole.Format == "" {
			whole.Format = fmt.Sprintf("%s in %d parts", c.Format, len(names))
			whole.Metadata = c.Metadata
		}
	}
	return whole, nil
}

// closers are closed together. The error is the first one.
type closers []io.Closer

func (all *closers) Close() error {
	var first error
	for _, c := range *all {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
