package main

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/nearest"
	"oneiro/internal/option"
	"oneiro/zoo"
)

// classesOptions are the options of classes.
type classesOptions struct {
	modelOptions
	word string // empty for all classes
	json bool
}

func newClasses() *cobra.Command {
	var o classesOptions
	cmd := &cobra.Command{
		Use:   "classes [WORD]",
		Short: "List the classes that a network knows",
		Long: `List the classes of a network, with the numbers and names that --class of dream and vis takes: all
of them, or those with WORD in a name. Without --weights they are those of the built-in network.`,
		Example: `  oneiro classes
  oneiro classes dog --weights googlenet/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{"classes takes one word, not " + strconv.Itoa(len(args)),
					"put quotes around words that belong together"}
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.word = first(args)
			return runClasses(o, cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, modelTable.Filter(func(o *option.Option) bool { return o.Name == "weights" || o.Name == "model" }),
		&o.modelOptions)
	fs.BoolVar(&o.json, "json", false, "print JSON")
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

// classInfo is a class in JSON.
type classInfo struct {
	Class int      `json:"class"`
	ID    string   `json:"id,omitempty"`
	Names []string `json:"names"`
}

func runClasses(o classesOptions, w io.Writer) error {
	net, err := o.network()
	if err != nil {
		return err
	}
	if err := o.check(net); err != nil {
		return err
	}
	file, err := o.open()
	if err != nil {
		return err
	}
	defer file.Close()
	classes, err := classNames(file)
	if err != nil {
		return err
	}
	if len(classes) == 0 {
		return &usageError{"the weights have no class names",
			"put synset_words.txt next to the weights or into their folder"}
	}
	chosen := []classInfo{} // which is [] in JSON
	for i, c := range classes {
		if o.word == "" || hasWord(c, o.word) {
			chosen = append(chosen, classInfo{i, c.ID, c.Names})
		}
	}
	if len(chosen) == 0 {
		_, err := classIndex(o.word, file) // which knows names like it
		return cmp.Or(err, error(&usageError{"no class has " + quote(o.word) + " in a name", allClasses}))
	}
	if o.json {
		return writeLine(w, chosen)
	}
	t := newTable(w)
	for _, c := range chosen {
		row(t, c.Class, strings.Join(allShown(c.Names), ", "))
	}
	return t.Flush()
}

// hasWord returns whether a class has a word in a name, or is called so by its identifier.
func hasWord(c zoo.Class, word string) bool {
	return len(nearest.Containing(word, c.Names)) > 0 || c.ID != "" && strings.EqualFold(c.ID, word)
}
