// Package nn describes convolutional networks as data and turns them into graphs.
//
// A Network is a list of named layers and the preprocessing of its pictures. It can be cut after the layers
// that are read (Cut), get another kind of pooling (WithPooling), be measured for a size of picture (Shapes)
// and list its parameters (Tensors), all without a file of weights. Bind adds the parameters, and Build the
// graph. Layers have the names of the published Caffe models where there are any, since those are the names
// that people know.
//
// Each kind of layer is one row of a table (kinds.go). Shapes and work are read from graphs built without
// values, so that package autodiff alone decides what fits.
package nn
