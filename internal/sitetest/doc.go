// Package sitetest gives the tests of the wires an installation on a real store: made anew, or copied from one that was prepared once.
package sitetest
