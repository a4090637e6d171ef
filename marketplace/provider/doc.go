// Package provider is the core of a hospital's node: it keeps who may be
// counted, decides, charges, aggregates and adds noise, all where the data is.
//
// It promises that every release lies within the patients' preferences, the
// dataset policy, the grant on the chain and every budget (G2, G3); that the
// loss is charged durably before any row is read and never given back (G5);
// that an answer handed over includes nobody whose preference had ended by
// then, and nobody who was not in the active set that was charged (G8); that
// nobody loses more than her own cap, and nothing shows whose is reached; that
// a key that was replaced never speaks for anyone again, while what was permitted
// and lost stays with the patient; that each release names the root of the consent
// map it was made under, of which every patient gets a proof of her own entry (G6);
// and that only noised vectors leave it (G1). An answer counts as handed over when
// it is stored: the same one is shown again under its request id, for ever.
//
// It assumes that the store's transactions are serialised and durable, that
// the engine counts each active patient in at most one cell, and that the
// chain client reads final blocks. It does not trust the marketplace: it
// checks the researcher's signature, the grant and her escrow itself.
//
// It does not protect against a hospital that runs other software, nor hide
// how long an aggregate took.
package provider
