// Package archtest checks that imports only go down. layers.go is the plan of the house, with its
// reasons; the test compares it with what go list says.
package archtest
