// Package archtest checks what no compiler does: that imports only go down (layers.go has the rules with
// their reasons), that the program links nothing that opens a network connection, and that comments are
// no wider than people read.
package archtest
