package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"oneiro/weights"
)

// sources say where files of other networks come from.
var sources = map[string]string{
	"vgg19-16x": "the encoder of Wang et al. 2020 (github.com/MingSun-Tse/Collaborative-Distillation)",
}

// KnownFiles returns the files that are known to have the parameters of a network, or of any network if it is
// empty, the ones to recommend first. The built-in network needs none.
func KnownFiles(network string) []KnownFile {
	var files []KnownFile
	for _, k := range knownFiles {
		if network == "" || k.Network == network {
			files = append(files, k)
		}
	}
	return files
}

// Suggestions returns the names of files that have a network's parameters, or a description of where they come
// from, the ones to recommend first.
func Suggestions(network string) []string {
	var names []string
	for _, k := range KnownFiles(network) {
		names = append(names, k.Name)
	}
	if where := sources[network]; where != "" {
		names = append(names, where)
	}
	return names
}

// Uses says what a network is good for: its shape decides, not its parameters.
func Uses(network string) string {
	if strings.HasPrefix(network, "vgg") {
		return "style, textures"
	}
	return "dreams, classes"
}

// MissingError reports that a file of weights is not there, although files of its name are well known.
type MissingError struct {
	File  string
	Known KnownFile
	Err   error
}

func (e *MissingError) Error() string { return e.Err.Error() }

func (e *MissingError) Unwrap() error { return e.Err }

// Hint says what the file is and who publishes it.
func (e *MissingError) Hint() string {
	return fmt.Sprintf("%s is %s, published by %s; it is not part of oneiro, so get it there and pass its path",
		e.Known.Name, e.Known.About, e.Known.Publisher)
}

// missing adds to the error of a file that is not there what is known of its name.
func missing(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, k := range knownFiles {
		if k.Name == filepath.Base(path) && k.Name != "model.safetensors" {
			return &MissingError{path, k, err}
		}
	}
	return err
}

// Known returns the name of a well-known file and what it is, if the file has its length and SHA-256, as far
// as these are on record; else it is empty. It reads the whole file if it has to. The error is a
// weights.ReadError.
func (p *Params) Known() (string, error) {
	info, err := os.Stat(p.Path())
	if err != nil {
		return "", &weights.ReadError{File: p.Path(), Err: err}
	}
	if !info.Mode().IsRegular() {
		return "", nil
	}
	sum := "" // once it is needed
	for _, k := range knownFiles {
		if k.Bytes != 0 && k.Bytes != info.Size() {
			continue
		}
		if k.SHA256 != "" && sum == "" {
			if sum, err = sumOf(p.Path()); err != nil {
				return "", err
			}
		}
		if strings.HasPrefix(sum, k.SHA256) {
			return k.Name + ", " + k.About, nil
		}
	}
	return "", nil
}

func sumOf(path string) (string, error) {
	r, err := os.Open(path)
	if err != nil {
		return "", &weights.ReadError{File: path, Err: err}
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", &weights.ReadError{File: path, Err: err}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
