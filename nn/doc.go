// Package nn holds networks as data, and what is needed to turn one into a graph.
//
// A Network is a list of layers with names, and preprocessing is part of it. It can be cut after the
// layers that somebody reads, have its pooling changed, be measured for any size of picture
// (Shapes), and say which parameters it wants (Tensors): all of that without a file of weights.
// Names of layers are Caffe's where Caffe has them, since that is what people know.
package nn
