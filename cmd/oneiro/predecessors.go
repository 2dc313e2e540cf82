package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What a flag of another program is here, beside the name of a flag.
const (
	asContent = "CONTENT" // an argument: the picture that is changed
	asStyle   = "STYLE"   // arguments: the pictures to take the style from
	asNothing = ""        // it has no counterpart, and is not needed
)

// oldFlag is a flag of another program for style transfer or dreams.
type oldFlag struct {
	names string // with spaces between; - and _ are the same
	now   string // a flag of ours, or one of the constants above
	why   string // why it has no counterpart, or what to take care of
}

// oldFlags are the flags of programs that people come from: jcjohnson's neural-style and neural-style-pt, the
// style transfer of anishathalye, cysmith, crowsonkb and of PyTorch's examples, and the DeepDream programs
// neural-dream and those of gordicaleksa, eriklindernoren and the TensorFlow tutorial. Flags that are called
// the same here are left out.
var oldFlags = []oldFlag{
	{"content_image content_img content base_image input_image input image image_path base_image_path input_img",
		asContent, ""},
	{"style_image style_images style_imgs style_img styles style_image_path style_reference_image_path", asStyle, ""},
	{"output_image output_img output_path out out_image img_output_dir save_path result_prefix", "output", ""},
	{"image_size img_size max_size width img_width end_scale", "size", ""},
	{"num_iterations max_iterations num_iters iter octave_iter num_steps n_iter num_gradient_ascent_iterations",
		"iterations", ""},
	{"style_blend_weights style_imgs_weights style_weights", "style-blend", ""},
	{"style_scale_fac style_scales", "style-scale", ""},
	{"style_mask style_masks style_mask_imgs content_mask semantic_map", "regions",
		"one picture divides the content, in colours"},
	{"total_variation_weight tv", "tv-weight", ""},
	{"init_image initial init_img_type", "init", ""},
	{"print_iter print_iterations", "print-every", ""},
	{"save_iter checkpoint_iterations", "save-every", ""},
	{"learning_rate step_size", "lr", ""},
	{"lbfgs_num_correction", "history", ""},
	{"model_file model_weights pretrained_weights model_path vgg_path network checkpoint", "weights", ""},
	{"model_type model_name", "model", "the network is detected from --weights"},
	{"gpu cuda devices", "device", "a GPU is --device cuda"},
	{"preserve_colors preserve_color", "colors", "the photograph's colours are --colors photo"},
	{"num_octaves octave_n pyramid_size n_octaves", "octaves", ""},
	{"pyramid_ratio", "octave-scale", ""},
	{"dream_layers layers_to_use at_layer", "layers", ""},
	{"spatial_shift_size", "jitter", ""},
	{"proto_file", asNothing, "the network is detected from --weights"},
	{"normalize_gradients normalize_weights", asNothing,
		"terms are normalised unless --compat neural-style-pt is given"},
	{"backend cudnn_autotune disable_check multigpu_strategy multidevice_strategy", asNothing, "it is not needed"},
}

// oldFlagOf returns the row of a flag of another program that has a counterpart in a command, or nil.
func oldFlagOf(cmd *cobra.Command, name string) *oldFlag {
	folded := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	i := slices.IndexFunc(oldFlags, func(o oldFlag) bool { return slices.Contains(strings.Fields(o.names), folded) })
	if i < 0 {
		return nil
	}
	old := &oldFlags[i]
	switch {
	case old.now == asContent && argumentOf(cmd, "CONTENT", "PICTURE") > 0,
		old.now == asStyle && argumentOf(cmd, "STYLE", "PAINTING") > 0,
		old.now == asNothing && cmd.GroupID == groupPictures,
		cmd.Flags().Lookup(old.now) != nil:
		return old
	}
	return nil
}

// argumentOf returns which argument of a command, counted from 1, has one of these names in its usage, or 0.
func argumentOf(cmd *cobra.Command, names ...string) int {
	for i, word := range strings.Fields(cmd.Use) {
		if slices.Contains(names, strings.Trim(word, "[].")) {
			return i
		}
	}
	return 0
}

// ownFlag returns the flag of a command that a name with one dash or with underscores stands for, or nil.
func ownFlag(cmd *cobra.Command, name string) *pflag.Flag {
	return cmd.Flags().Lookup(strings.ReplaceAll(strings.ToLower(name), "_", "-"))
}

// checkFlags reports flags as other programs have them, and says what they are here. It comes before the
// parser, which would take -output_image for -o utput_image.
func checkFlags(cmd *cobra.Command, args []string) error {
	first, said := "", []string(nil)
	for _, arg := range args {
		if arg == "--" {
			break
		}
		name := strings.TrimLeft(arg, "-")
		dashes := arg[:len(arg)-len(name)]
		name, _, _ = strings.Cut(name, "=")
		if len(dashes) < 1 || len(dashes) > 2 || len(name) < 2 {
			continue
		}
		if now := translate(cmd, dashes, name); now != "" && !slices.Contains(said, now) {
			said = append(said, now)
			if first == "" {
				first = dashes + name
			}
		}
	}
	if first == "" {
		return nil
	}
	return &usageError{cmd.CommandPath() + " has no flag " + first, strings.Join(said, "; ")}
}

// translate says what a flag of another program is here, or nothing if it is unknown or ours.
func translate(cmd *cobra.Command, dashes, name string) string {
	flag := dashes + name
	if now := ownFlag(cmd, name); now != nil {
		if dashes == "--" && strings.ToLower(name) == now.Name || cmd.Flags().Lookup(name) != nil && dashes == "--" {
			return "" // ours, or an older name of it
		}
		return flag + " is --" + now.Name
	}
	old := oldFlagOf(cmd, name)
	if old == nil {
		return ""
	}
	because := ""
	if old.why != "" {
		because = ": " + old.why
	}
	switch old.now {
	case asNothing:
		return "leave out " + flag + because
	case asContent:
		return flag + " is the first argument, without a flag"
	case asStyle:
		if argumentOf(cmd, "STYLE", "PAINTING") == 1 {
			return flag + " is the first argument, without a flag"
		}
		return flag + " is what comes after the first argument, without a flag and with spaces between several"
	}
	return flag + " is --" + old.now + because
}

// checkPaths reports arguments that are no paths of pictures, but what other programs take for such.
func checkPaths(args []string) error {
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }
	for _, arg := range args {
		if arg == "" {
			return &usageError{"a picture has an empty name", "leave it out, and a built-in picture stands in"}
		}
		parts := strings.Split(arg, ",")
		if len(parts) > 1 && !exists(arg) && !slices.Contains(parts, "") && exists(parts[0]) {
			return &usageError{"there is no file " + quote(arg), "write spaces between pictures: " +
				strings.Join(parts, " ")}
		}
	}
	return nil
}
