// Package finality decides by signers' votes which checkpoints are final. A
// checkpoint is a block whose number is a multiple of the interval.
//
// The rule is Casper FFG's (Buterin and Griffith 2017, arXiv:1710.09437). A vote
// names a source and a target that descends from it. The target is justified when
// the source is, and floor(2n/3)+1 of n signers voted for just that pair. A justified
// checkpoint is final when the very next checkpoint is justified with it as source.
// No signer may vote twice for one target number, nor surround a vote of its own by
// another; two such votes are evidence against it.
//
// # Whose votes count
//
// Votes from a source S count under the signers read from the state of F, the last
// checkpoint that was final on the way to S, and must have the quorum of the signers
// of the one before F as well. Both follow from the votes up to S alone, so that all
// nodes agree on them. Two sets, since a checkpoint may be final on one fork and
// merely justified on another: with F alone the two could be judged by signers who
// have nothing in common, and both forks become final.
//
// A signer against whom there is evidence counts on, until the registry's final
// state no longer names it: nodes that have not seen the evidence would otherwise
// disagree. Both of its votes count, each for what it says.
//
// # Promise
//
// While fewer than a third of the signers of any set break the rule, no two
// checkpoints become final of which neither descends from the other, whatever the
// network does. An [Engine] that is told of such a pair keeps what it had. Votes
// made as [Engine.Next] says never convict their signer, if the last one is always
// remembered. Once signers hear of each other's votes and blocks, checkpoints become
// final again, whatever they voted before: the source is the highest justified
// checkpoint, and every target is above the last one.
//
// Memory is bounded: a signer's votes for 16 target numbers, two for each, and
// one piece of evidence. Votes of others are not kept.
//
// # Assumption
//
// Signatures were checked; the fork choice starts from [Engine.Justified]; the
// registry does not change most of a set within two final checkpoints unless the
// leaving signers vote on until then.
//
// # What it does not protect against
//
// A third of the signers, or whoever has their keys, can stop finality; by breaking
// the rule they can also finalise two forks, and are convicted afterwards. Votes kept
// back and let loose one by one can make the fork choice change sides before anything
// is final. A broken rule is seen only by an engine that knows of both votes: what it
// forgets when it ends, votes that justified nothing and those that were settled, lets a
// signer off as far as no other engine heard both. Who begins today from the genesis block trusts old keys: give such a node
// a recent checkpoint.
//
// The package is pure: no clock, no files, no network.
package finality
