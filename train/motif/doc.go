// Package motif draws pictures of things with a name: eyes, spirals, bricks, feathers. They are what
// the built-in network learns from, so that it needs no photographs and anyone can make it again.
//
// A class is a row of one table. From a source of random numbers it makes a Shader, which says what
// the motif is at a point of the plane; everything else (colours, size, turn, perspective, light,
// what lies behind and in front, blur, noise) is the same for all classes and done by Draw. The same
// seed gives the same picture.
package motif
