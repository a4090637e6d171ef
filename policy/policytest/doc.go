// Package policytest says what package policy means, a second time and slowly, and draws cases in which to compare.
//
// It promises to be easy to read: each rule stands as a sentence would, a use of data is the set of the studies that
// fit it, and nothing is computed ahead, shared between patients or taken from policy but its types, its vocabularies
// and its Validate.
//
// It assumes nothing about speed. It does not say what the rules should be; the table of cases in policy's tests does.
package policytest
