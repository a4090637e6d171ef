// Package consent commits a hospital to what each of its patients permits, so
// that she can check it offline and learns nothing of the others.
//
// It promises that under one root an index has at most one entry: nobody can
// prove two entries of the same index, nor that an index is both there and not
// there. A proof of presence always has [Depth] siblings, whatever the
// neighbours, and without the hospital's secret no sibling shows whether
// anything is below it. The public root is blinded anew for every interval, so
// that it does not show whether anything changed.
//
// It assumes that SHA-256 resists collisions, that HMAC-SHA256 under the
// hospital's secret looks random, and that the patient compares the index with
// the one she was first told: an entry at another index is not hers. Two
// patients whose indices share their first 8 bytes cannot both be in the map;
// among ten million that has a chance of 1 in 300,000, and it is refused.
//
// It does not protect against a hospital that counts otherwise than it is
// committed to (G6), nor hide from a patient with proofs of two intervals in
// which part of the map something, of someone unknown, has changed between them.
//
// The map is a binary Merkle tree over positions, the first 64 bits of an index:
//
//	leaf   SHA-256(0x00 || index || SHA-256(salt || canonical entry))
//	node   SHA-256(0x01 || left || right)
//	empty  SHA-256(0x02 || SHA-256(0x04 || HMAC(secret, "empty") || depth || prefix))
//	root   SHA-256(0x03 || HMAC(secret, "root/" || version) || node at depth 0)
//
// Beside it stands a tree of 24 levels with the odometer of each class that anybody was ever in, at the place that the
// entries of its patients name. An odometer begins at random, so that no reading shows whether somebody was in the class
// before. The hashes of the tree are made anew for every interval, so that a patient who has the reading of her class
// proven, always with [OdometerDepth] siblings, sees of other classes neither that they are there nor that they were
// charged. A class at two places would have two odometers: each patient is held to the one in her entry.
//
//	seed      HMAC(secret, "odometers/" || version)
//	empty     SHA-256(0x05 || seed || depth || prefix)
//	salt      SHA-256(0x06 || seed || 24 || place)
//	odometer  SHA-256(0x07 || salt || class || nano-rho || delta || 0x01 if the interval's charge moved it, else 0x00)
//	committed SHA-256(0x08 || root || root of the odometers)
//
// The package is pure: storage is behind [Nodes].
package consent
