package ledger

// Role is a bit mask of what a participant may do, as the Registry contract
// stores it. Patients are not in it: nothing personal is on the chain.
type Role uint64

// The roles.
const (
	RoleResearcher Role = 1 << iota
	RoleCommittee
	RoleProvider
	RoleMarketplace
	RoleSteward
	RoleOperator
)

// Has reports whether all roles of want are in r.
func (r Role) Has(want Role) bool { return want != 0 && r&want == want }

// Participant is a registered key: its roles and the id of its organisation
// ([DatasetID]-style SHA-256 of the organisation's name).
type Participant struct {
	Address      Address
	Roles        Role
	Organisation Hash
}

// GrantStatus is what a committee has made of a grant that it approved. The zero
// value is none of them.
type GrantStatus uint8

// The states of an approved grant. Only an active one lets a query through, and
// that in its period.
const (
	GrantActive GrantStatus = iota + 1
	GrantSuspended
	GrantRevoked
	GrantSuperseded // an amendment took its place
	GrantClosed     // the study is over
)

// GrantRecord is what the Grants contract holds of a grant that as many members of
// a committee approved as must.
type GrantRecord struct {
	Document  Hash
	Revision  uint64
	Committee Address // a member who signed
	// Organisation is the committee's. What a study may spend is its alone: a committee of another that approves an amendment
	// of it makes a study of its own.
	Organisation Hash
	Datasets     []Hash   // DatasetID of each
	Ceilings     []uint64 // nano-rho, one a dataset
	NotBefore    int64    // Unix seconds
	Expiry       int64    // Unix seconds
	Status       GrantStatus
	Suspensions  uint64 // how often it was suspended
	// ReviewBy is when its continuing review is due, Unix seconds: it does not hold from then on, until the committee
	// puts it off. 0: never.
	ReviewBy int64
	Amends   Hash // the grant document that it amends; zero: none
	// Study is the first grant of the study, which is Document unless it amends another: what was
	// spent under one revision counts for the next.
	Study Hash
	// Since is the NotBefore of Study, Unix seconds: an amendment begins no study anew.
	Since int64
}

// StepsHead is what the Grants contract makes of the hash of a step of a study's review that comes after others.
func StepsHead(before, step Hash) Hash { return keccakWords(before, step) }

// Ceiling returns the nano-rho that the grant allows at a dataset, false when
// the grant does not name it.
func (g GrantRecord) Ceiling(dataset string) (int64, bool) {
	for i, id := range g.Datasets {
		if id == DatasetID(dataset) && i < len(g.Ceilings) && g.Ceilings[i] < 1<<53 {
			return int64(g.Ceilings[i]), true
		}
	}
	return 0, false
}

// SignedDocument is a document as it travels and is kept: its canonical bytes
// and the signature over its hash, revision and expiry. Kind is known from
// where it stands.
type SignedDocument struct {
	Content   []byte
	Revision  uint64
	Expiry    int64 // Unix seconds; 0 = does not expire
	Signature Signature
}

// Signer returns the address that signed s as a document of the given kind.
func (s SignedDocument) Signer(d Domain, kind Kind) (Address, error) {
	return Recover(d.DocumentDigest(Document{Kind: kind, Hash: s.Hash(), Revision: s.Revision, Expiry: s.Expiry}), s.Signature)
}

// Hash is the document hash of s.
func (s SignedDocument) Hash() Hash { return HashBytes(s.Content) }

// NewSignedDocument canonicalises and signs v.
func NewSignedDocument(k *Key, d Domain, kind Kind, v any, revision uint64, expiry int64) (SignedDocument, error) {
	content, err := Canonical(v)
	if err != nil {
		return SignedDocument{}, err
	}
	s := SignedDocument{Content: content, Revision: revision, Expiry: expiry}
	s.Signature = k.Sign(d.DocumentDigest(Document{Kind: kind, Hash: s.Hash(), Revision: revision, Expiry: expiry}))
	return s, nil
}

// Allowance is how far a hospital may go at a dataset before it must tell the chain: what all of its charges may cost,
// and how long its log may be. After a restore from a backup all of it counts as used. It never falls.
type Allowance struct {
	NanoRho     int64 // 10^-9 rho
	Delta       int64 // 2^-63
	NanoEpsilon int64 // 10^-9 epsilon
	Size        int64 // leaves of the log
}

// AllowanceNames are the names that the four parts of an allowance have on the chain, in order: the contract keeps one number
// for a name. That of nano-rho is the dataset's id; no id has a line feed.
func AllowanceNames(dataset string) [4]string {
	return [4]string{dataset, dataset + "\ndelta", dataset + "\nnano-epsilon", dataset + "\nlog"}
}

// Parts are the four parts, in the order of [AllowanceNames].
func (a Allowance) Parts() [4]int64 { return [4]int64{a.NanoRho, a.Delta, a.NanoEpsilon, a.Size} }

// AllowanceOf is the inverse of Parts.
func AllowanceOf(p [4]int64) Allowance {
	return Allowance{NanoRho: p[0], Delta: p[1], NanoEpsilon: p[2], Size: p[3]}
}

// Within says whether a is no more than b in any part.
func (a Allowance) Within(b Allowance) bool { return a.Max(b) == b }

// Max is the greater of both in each part.
func (a Allowance) Max(b Allowance) Allowance {
	p, q := a.Parts(), b.Parts()
	for i := range p {
		p[i] = max(p[i], q[i])
	}
	return AllowanceOf(p)
}
