package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/klauspost/cpuid/v2"

	"oneiro/autodiff/cpu"
)

// builtinTiles is the name of the table that is part of the program.
const builtinTiles = "builtin"

// tiles is a table of Winograd tiles and its source: 4, 6, builtin, the name of a file, or the table itself as
// a recipe has it, as --winograd takes it.
type tiles struct {
	table  *cpu.TileTable
	source string
}

// tileFile is the content of a file of tiles: a table and, if oneiro bench --tune wrote it, the processor and
// kernels that it was measured with.
type tileFile struct {
	CPU     string `json:"cpu,omitempty"`
	Kernels string `json:"kernels,omitempty"`
	cpu.TileTable
}

// findTiles returns the table that the flag --winograd names, for some kernels. If the flag is empty, it is the
// file that oneiro bench --tune wrote for this processor, or else the built-in table.
func findTiles(flag, kernels string) (tiles, error) {
	switch flag {
	case "":
		return cachedTiles(kernels)
	case builtinTiles, "4", "6":
		table, err := cpu.ParseTiles(flag, kernels)
		return tiles{table, flag}, err
	}
	if strings.HasPrefix(flag, "{") {
		table, err := cpu.ParseTiles(flag, kernels)
		if err != nil {
			return tiles{}, &tilesError{flag, err.Error()}
		}
		return tiles{table, flag}, nil
	}
	f, err := readTiles(flag)
	if err != nil && !is[*tilesError](err) {
		err = &usageError{
			"--winograd must be 4, 6, " + builtinTiles + " or a file that can be read, not " + quote(flag),
			"oneiro bench --tune measures a table and says where it is",
		}
	}
	if err != nil {
		return tiles{}, err
	}
	return tiles{&f.TileTable, flag}, nil
}

// cachedTiles returns the table that oneiro bench --tune left in the cache folder, or the built-in one if the
// file cannot be read. A file with wrong content is an error, since results depend on it.
func cachedTiles(kernels string) (tiles, error) {
	path, err := tilesPath(kernels)
	if err != nil {
		return findTiles(builtinTiles, kernels)
	}
	f, err := readTiles(path)
	if is[*tilesError](err) {
		return tiles{}, err
	}
	if err != nil {
		return findTiles(builtinTiles, kernels)
	}
	if f.CPU != processorModel() || f.Kernels != kernels {
		return tiles{}, &tilesError{path, fmt.Sprintf("it is for %s with %s", quote(f.Kernels), quote(f.CPU))}
	}
	return tiles{&f.TileTable, path}, nil
}

// recorded returns the table if it differs from the built-in one for some kernels, or else nil.
func (t tiles) recorded(kernels string) *cpu.TileTable {
	if reflect.DeepEqual(t.table, cpu.MeasuredTiles(kernels)) {
		return nil
	}
	return t.table
}

// tilesError reports a file of tiles with wrong content.
type tilesError struct{ path, problem string }

func (e *tilesError) Error() string {
	return "the table of tiles " + quote(e.path) + " cannot be used: " + e.problem
}

// Hint says what to do about it.
func (e *tilesError) Hint() string {
	return "measure it again with oneiro bench --tune, remove the file, or ignore it: --winograd " + builtinTiles
}

// readTiles reads a file of tiles. The error is a *tilesError or the system's.
func readTiles(path string) (*tileFile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := new(tileFile)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, &tilesError{path, err.Error()}
	}
	if err := f.Check(); err != nil {
		return nil, &tilesError{path, err.Error()}
	}
	return f, nil
}

// tilesPath returns the file for this processor and some kernels. The error says that the user has no folder
// for it.
func tilesPath(kernels string) (string, error) {
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder to keep tables of tiles in: %w", err)
	}
	return filepath.Join(folder, "oneiro", "tiles-"+fileName(processorModel())+"-"+kernels+".json"), nil
}

// fileName turns text into a part of a file name: other characters than ASCII letters and digits become
// hyphens.
func fileName(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
	name := strings.Join(words, "-")
	return name[:min(len(name), 80)]
}

// processor returns the name of the processor, as far as it is known.
func processor() string { return cmp.Or(cpuid.CPU.BrandName, cpuid.CPU.VendorString, "unknown") }

// processorModel returns the name with family and model, since virtual machines give different processors
// the same name, such as AMD EPYC.
func processorModel() string {
	return fmt.Sprintf("%s, family %d, model %d", processor(), cpuid.CPU.Family, cpuid.CPU.Model)
}
