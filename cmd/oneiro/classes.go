package main

import (
	"strconv"

	"oneiro/zoo"
)

// classNames returns the names of the classes that come with a file of weights, if there are any.
func classNames(file *zoo.Params) ([]zoo.Class, error) {
	if file == nil {
		return nil, nil
	}
	return file.Classes()
}

// classIndex returns the number of a class, which may be given by name if there is a file of weights
// with names, or -1 for none.
func classIndex(class string, file *zoo.Params) (int, error) {
	if class == "" {
		return -1, nil
	}
	if i, err := strconv.Atoi(class); err == nil {
		if i < 0 { // what package render takes for none
			return 0, &usageError{"there is no class " + class, "classes are counted from 0"}
		}
		return i, nil
	}
	classes, err := classNames(file)
	if err != nil {
		return 0, err
	}
	if len(classes) == 0 {
		return 0, &usageError{"there is no class " + quote(class) + ": the weights have no names of classes",
			"give a number, or put synset_words.txt next to the weights, or into their folder"}
	}
	return zoo.FindClass(classes, class)
}
