// Package subprocess begins and ends the program oneiro as a child of another one, which is the same on no two
// systems. A child that is asked to end writes a checkpoint first.
package subprocess
