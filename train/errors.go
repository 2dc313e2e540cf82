package train

import "fmt"

// OptionError reports an option with a value that does not do, and what would.
type OptionError struct{ Option, Problem, Fix string }

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

// Hint says what would do instead.
func (e *OptionError) Hint() string { return e.Fix }

// TeacherError reports a network that the student cannot learn from.
type TeacherError struct{ Network, Problem string }

func (e *TeacherError) Error() string {
	return fmt.Sprintf("the network %s is no teacher: %s", e.Network, e.Problem)
}

// Hint says what a teacher is.
func (e *TeacherError) Hint() string {
	return "a teacher is a VGG of few channels, such as vgg19-16x; a larger one does not fit the student"
}

// FolderError reports a folder that there is nothing to learn from in, and what would do.
type FolderError struct{ Dir, Problem, Fix string }

func (e *FolderError) Error() string { return e.Dir + ": " + e.Problem }

// Hint says what should be in the folder.
func (e *FolderError) Hint() string { return e.Fix }

// CheckpointError reports a file that this training cannot go on from.
type CheckpointError struct{ File, Problem string }

func (e *CheckpointError) Error() string {
	return e.File + " is of another training: " + e.Problem
}

// Hint says what to do.
func (e *CheckpointError) Hint() string {
	return "give the options that it was begun with, or another output; without the file, training begins anew"
}

// DeadError reports a layer whose answers are all 0, from which nothing more is learnt.
type DeadError struct{ Layer string }

func (e *DeadError) Error() string { return "layer " + e.Layer + " answers to nothing any more" }

// Hint says what to do about it.
func (e *DeadError) Hint() string { return "lower the learning rate, and begin anew" }
