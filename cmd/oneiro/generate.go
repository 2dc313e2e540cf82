package main

//go:generate go test -run TestOptionsDocument -count 1 . -args -update
