package train

import (
	"fmt"

	"oneiro/internal/checkpoint"
)

// TeacherError reports a network that cannot be the teacher.
type TeacherError struct{ Network, Problem string }

func (e *TeacherError) Error() string {
	return fmt.Sprintf("the network %s cannot be the teacher: %s", e.Network, e.Problem)
}

// Hint says which networks can be the teacher.
func (e *TeacherError) Hint() string {
	return "use a VGG with few channels, such as vgg19-16x; a larger one does not fit the student"
}

// FolderError reports a folder without pictures to learn from, and how to fix it.
type FolderError struct{ Dir, Problem, Fix string }

func (e *FolderError) Error() string { return e.Dir + ": " + e.Problem }

// Hint says what should be in the folder.
func (e *FolderError) Hint() string { return e.Fix }

// The errors of checkpoints.
type (
	// CheckpointError reports a checkpoint of another training.
	CheckpointError = checkpoint.MismatchError
	// DamagedError reports a checkpoint whose content is not what was written.
	DamagedError = checkpoint.DamagedError
)

// NonFiniteError reports a network whose answers are not numbers, or too large for one.
type NonFiniteError struct{ Network string }

func (e *NonFiniteError) Error() string { return "the answers of " + e.Network + " are not finite" }

// Hint says what to do.
func (e *NonFiniteError) Hint() string {
	return "the weights are damaged, or from a training that diverged: fetch them again, or train with a lower rate"
}

// DeadError reports a layer all of whose values are 0, which can learn nothing more.
type DeadError struct{ Layer string }

func (e *DeadError) Error() string { return "every value of layer " + e.Layer + " is 0" }

// Hint says what to do about it.
func (e *DeadError) Hint() string { return "lower the learning rate and start over" }
