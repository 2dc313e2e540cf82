package main

import (
	"strings"
	"testing"

	"oneiro/internal/sample"
)

// TestPredecessors gives command lines of other programs. Each is answered with what they are here.
func TestPredecessors(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(48, 36, 1))
	put(t, dir, "b.png", sample.Painting(48, 36, 1))
	refuses(t, dir, []refusal{
		{"style a.png b.png -output_image out.png", exitUsage,
			"has no flag -output_image\nhint: -output_image is --output\n"},
		{"style -content_image a.png -style_image b.png -image_size 64 -gpu 0", exitUsage,
			"hint: -content_image is the first argument, without a flag; -style_image is what comes after the first argument, " +
				"without a flag and with spaces between several; -image_size is --size; -gpu is --device: a GPU is --device cuda\n"},
		{"style --content_weight 5 a.png", exitUsage, "--content_weight is --content-weight"},
		{"style -style_weight 1e2 -tv_weight=0 -num_iterations 3", exitUsage,
			"-style_weight is --style-weight; -tv_weight is --tv-weight; -num_iterations is --iterations"},
		{"style --styles b.png --output out.png", exitUsage, "--styles is what comes after"},
		{"style -original_colors 1 -backend nn", exitUsage, "-original_colors is --original-colors"},
		{"style --preserve-colors", exitUsage, "--colors photo"},
		{"texture --style_image b.png", exitUsage, "--style_image is the first argument"},
		{"style -size 64", exitUsage, "-size is --size"},
		{"dream -dream_layers x -num_octaves 3 -octave_iter 4", exitUsage,
			"-dream_layers is --layers; -num_octaves is --octaves; -octave_iter is --iterations"},
		{"dream --input a.png", exitUsage, "--input is the first argument"},
		{"classify --image a.png", exitUsage, "has no flag --image"},
		{"style -zzyzx 3", exitUsage, "has no flag -zzyzx"},
		{"style a.png a.png,b.png", exitUsage, "write spaces between pictures: a.png b.png"},
	})
	for _, args := range [][]string{{"style", ""}, {"style", "a.png", ""}, {"dream", ""}, {"texture", ""},
		{"classify", ""}} {
		refused(t, run(t, dir, args...), exitUsage, "empty name")
	}
}

// TestOldFlagsExist checks that what old flags are said to be is there, in each command that makes pictures
// or in one.
func TestOldFlagsExist(t *testing.T) {
	root, seen := newRoot(), map[string]bool{}
	for _, old := range oldFlags {
		for _, name := range strings.Fields(old.names) {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			found := false
			for _, p := range pipelines() {
				cmd, _, _ := root.Find([]string{p.name})
				found = found || translate(cmd, "-", name) != ""
			}
			if !found {
				t.Errorf("-%s (%s) is in no command", name, old.now)
			}
		}
	}
}

// TestOwnFlags checks that no flag of a command is taken for another program's.
func TestOwnFlags(t *testing.T) {
	root := newRoot()
	for _, cmd := range root.Commands() {
		for _, name := range flagsIn(flagsHelp(cmd)) {
			if err := checkFlags(cmd, []string{"--" + name, "-o", "-oout.png", "-1", "-"}); err != nil {
				t.Errorf("%s: %v", cmd.Name(), err)
			}
		}
	}
}
