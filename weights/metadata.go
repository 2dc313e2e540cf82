package weights

import (
	"maps"
	"strings"
)

// Metadata is what a file says of itself beside its tensors, by key. Files of others have keys of their own.
type Metadata map[string]string

// The keys in files that oneiro writes.
const (
	KeyNetwork = "oneiro.network" // name in package nn
	KeyPreset  = "oneiro.preset"  // how pictures are prepared, by its name in package nn
	KeyClasses = "oneiro.classes" // of the classifier, one a line, in the order of its outputs

	// How a network was trained.
	KeyTraining = "oneiro.training" // the settings, in JSON
	KeySteps    = "oneiro.steps"    // taken, of those in the settings
	KeyAccuracy = "oneiro.accuracy" // share of new pictures that were recognised
	KeyTested   = "oneiro.tested"   // what the accuracy is a share of, such as "18 pictures held out"
	KeyTeacher  = "oneiro.teacher"  // name of the teacher's file
	KeyStart    = "oneiro.start"    // name of the network that it started from; in checkpoints, too

	// A checkpoint of a training has KeyTraining, and these.
	KeyStep           = "oneiro.step"            // taken so far
	KeyTrainedClasses = "oneiro.trained-classes" // in JSON
	KeyTeacherNetwork = "oneiro.teacher-network" // or "none"; absent in old checkpoints
	KeySpent          = "oneiro.spent"           // nanoseconds that the steps took; absent in old checkpoints
	KeyChecksum       = "oneiro.checksum"        // of all else; absent in old checkpoints
)

// Set stores a value, unless it is empty.
func (m Metadata) Set(key, value string) {
	if value != "" {
		m[key] = value
	}
}

// SetClasses stores the names of classes, which have no line breaks.
func (m Metadata) SetClasses(names []string) { m.Set(KeyClasses, strings.Join(names, "\n")) }

// Classes returns the names of the classes, or none.
func (m Metadata) Classes() []string {
	if m[KeyClasses] == "" {
		return nil
	}
	return strings.Split(m[KeyClasses], "\n")
}

// Metadata returns a copy of what the file says of itself, if its format has room for that.
func (f *File) Metadata() Metadata { return maps.Clone(Metadata(f.container.Metadata)) }
