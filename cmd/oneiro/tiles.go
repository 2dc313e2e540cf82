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

// builtinTiles is the name of the table that is made with the program.
const builtinTiles = "builtin"

// tiles is a table of tiles and where it comes from: 4, 6, builtin or the name of a file, as --tiles
// takes it.
type tiles struct {
	table  *cpu.TileTable
	source string
}

// tileFile is what a file of tiles holds: a table, and in that of oneiro bench --tune what it was
// measured on.
type tileFile struct {
	CPU     string `json:"cpu,omitempty"`
	Kernels string `json:"kernels,omitempty"`
	cpu.TileTable
}

// findTiles returns the table that the flag --tiles asks for, for the kernels of a tier. If it asks for
// none, that is the file which oneiro bench --tune left for this processor, or else what is built in.
func findTiles(flag, tier string) (tiles, error) {
	switch flag {
	case "":
		return cachedTiles(tier)
	case builtinTiles:
		return tiles{cpu.MeasuredTiles(tier), builtinTiles}, nil
	case "4":
		return tiles{&cpu.TileTable{Tile: 4}, flag}, nil
	case "6":
		return tiles{&cpu.TileTable{Tile: 6}, flag}, nil
	}
	f, err := readTiles(flag)
	if err != nil && !is[*tilesError](err) {
		err = &usageError{"tiles: " + quote(flag) + " is neither 4, 6, " + builtinTiles + " nor a file that can be read",
			"oneiro bench --tune measures a table and says where it is"}
	}
	if err != nil {
		return tiles{}, err
	}
	return tiles{&f.TileTable, flag}, nil
}

// cachedTiles returns what oneiro bench --tune left in the cache folder. A file that cannot be read is as
// good as none; one that makes no sense is an error, since results depend on it.
func cachedTiles(tier string) (tiles, error) {
	path, err := tilesPath(tier)
	if err != nil {
		return findTiles(builtinTiles, tier)
	}
	f, err := readTiles(path)
	if is[*tilesError](err) {
		return tiles{}, err
	}
	if err != nil {
		return findTiles(builtinTiles, tier)
	}
	if f.CPU != processorModel() || f.Kernels != tier {
		return tiles{}, &tilesError{path, fmt.Sprintf("it is for %s with %s", quote(f.Kernels), quote(f.CPU))}
	}
	return tiles{&f.TileTable, path}, nil
}

// recorded returns the table if it is another one than is built in for the kernels of a tier, or else
// nil.
func (t tiles) recorded(tier string) *cpu.TileTable {
	if reflect.DeepEqual(t.table, cpu.MeasuredTiles(tier)) {
		return nil
	}
	return t.table
}

// tilesError reports a file of tiles that makes no sense.
type tilesError struct{ path, problem string }

func (e *tilesError) Error() string {
	return "the table of tiles " + quote(e.path) + " cannot be used: " + e.problem
}

// Hint says how to go on.
func (e *tilesError) Hint() string {
	return "measure it again with oneiro bench --tune, remove the file, or do without it: --tiles " + builtinTiles
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

// tilesPath returns where the table for this processor and the kernels of a tier is kept. There is an
// error where the user has no folder for such files.
func tilesPath(tier string) (string, error) {
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder to keep tables of tiles in: %w", err)
	}
	return filepath.Join(folder, "oneiro", "tiles-"+fileName(processorModel())+"-"+tier+".json"), nil
}

// fileName makes a part of a file's name of any text: what is no letter or digit of ASCII becomes a
// hyphen.
func fileName(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
	name := strings.Join(words, "-")
	return name[:min(len(name), 80)]
}

// processor returns the name of the processor, as far as it tells.
func processor() string { return cmp.Or(cpuid.CPU.BrandName, cpuid.CPU.VendorString, "unknown") }

// processorModel also tells processors apart that have the same name, as those do that a virtual machine
// calls AMD EPYC.
func processorModel() string {
	return fmt.Sprintf("%s, family %d, model %d", processor(), cpuid.CPU.Family, cpuid.CPU.Model)
}
