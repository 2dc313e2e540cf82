// Package motif draws pictures of named motifs: eyes, spirals, bricks, feathers. The built-in network learns
// from them, so that it needs no photographs and anyone can reproduce it.
//
// A class of motifs is a row of a table. From random numbers it makes a shader, which returns what the motif
// is at each point of the plane. All else (colours, size, rotation, perspective, light, background,
// occlusion, blur, noise) is the same for all classes and done by Draw. The same seed gives the same
// picture.
package motif
