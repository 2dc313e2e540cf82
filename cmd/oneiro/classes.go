package main

import (
	"errors"
	"strconv"

	"oneiro/zoo"
)

// classNames returns the class names that come with a weights file, or none.
func classNames(file *zoo.Params) ([]zoo.Class, error) {
	if file == nil {
		return nil, nil
	}
	return file.Classes()
}

// allClasses says where to look for a class.
const allClasses = "oneiro classes lists those of the built-in network, and with --weights FILE those of another"

// classIndex returns the number of a class, given by number or, if the weights have class names, by name. An
// empty string is -1.
func classIndex(class string, file *zoo.Params) (int, error) {
	if class == "" {
		return -1, nil
	}
	if i, err := strconv.Atoi(class); err == nil {
		if i < 0 { // would mean none to package render
			return 0, &usageError{"there is no class " + class, "classes are counted from 0"}
		}
		return i, nil
	}
	classes, err := classNames(file)
	if err != nil {
		return 0, err
	}
	if len(classes) == 0 {
		return 0, &usageError{"there is no class " + quote(class) + ": the weights have no class names",
			"give a number, or put synset_words.txt next to the weights or into their folder"}
	}
	i, err := zoo.FindClass(classes, class)
	if e, ok := errors.AsType[*zoo.UnknownClassError](err); ok && len(e.Same)+len(e.Nearest) == 0 {
		return 0, &usageError{e.Error(), allClasses}
	}
	return i, err
}
