// Package colour knows colours: spaces, what is typical of the colours of a picture (mean and covariance), and
// how colours go from one picture to another.
//
// Pictures are rows of pixels of three float32 values: red, green and blue, sRGB-encoded, 0..1. Nothing here
// needs more than some rows of a picture at a time, beside the picture itself.
package colour
