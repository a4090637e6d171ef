package ledger

import (
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/crypto/sha3"
)

// Kind names what a signed document is. It is the EIP-712 primary type, so a
// signature over one kind never passes for another.
type Kind string

// The document kinds. All share the fields of [Document].
const (
	KindReleasePreference      Kind = "ReleasePreference"      // a patient's choice
	KindDatasetPolicy          Kind = "DatasetPolicy"          // a steward's terms
	KindDatasetProfile         Kind = "DatasetProfile"         // what a steward says of a dataset
	KindDataGrant              Kind = "DataGrant"              // a researcher's request
	KindReviewStep             Kind = "ReviewStep"             // what somebody did in the review of a study
	KindTermsAcceptance        Kind = "TermsAcceptance"        // a researcher's word that she keeps to a dataset's terms
	KindEnrolment              Kind = "Enrolment"              // a hospital binds a key to a patient
	KindRecordedPreferences    Kind = "RecordedPreferences"    // a steward writes down what patients said
	KindInvitation             Kind = "Invitation"             // a steward has codes made for patients
	KindKeyChange              Kind = "KeyChange"              // a patient's key names the one that takes its place
	KindContacts               Kind = "Contacts"               // the hospitals a patient wants told of a new key
	KindKeyNotice              Kind = "KeyNotice"              // a hospital tells another of a new key
	KindDelegation             Kind = "Delegation"             // who else may set a patient's preference
	KindRevocation             Kind = "Revocation"             // and may no longer
	KindRecordAccess           Kind = "RecordAccess"           // a patient lets a reader see her records
	KindRecordRevocation       Kind = "RecordRevocation"       // and no longer
	KindRecordOpinion          Kind = "RecordOpinion"          // what a patient holds of a pointer or a reader
	KindRecordReply            Kind = "RecordReply"            // a steward says what came of it
	KindRecordEmergency        Kind = "RecordEmergency"        // a clinician sees a patient's records without her access
	KindRecordCountersignature Kind = "RecordCountersignature" // another clinician says whether there was an emergency
	KindIdentityLink           Kind = "IdentityLink"           // a researcher says who she is to an issuer of visas
	KindSignInLink             Kind = "SignInLink"             // whom an institution signs in may open sessions of the key
	KindAsk                    Kind = "Ask"                    // a researcher spends
	KindPartial                Kind = "Partial"                // a researcher takes what has been answered of an ask, which is what she signs again
	KindRelease                Kind = "Release"                // a hospital's noised vector
	KindReceipt                Kind = "Receipt"                // the marketplace's statement
)

// Domain is the EIP-712 domain {name "medmarket", version "1", chainId} plus
// the genesis hash that every struct repeats. The domain has no
// verifyingContract: a document is signed once and checked by hospitals, the
// offline verifier and the contracts alike, and the genesis hash already binds
// it to one chain (chain ids are not unique among private chains).
type Domain struct {
	ChainID uint64
	Genesis Hash
}

// Document is what is signed of a document: its hash and what makes the
// signature fresh. Expiry is Unix seconds, 0 for "does not expire".
type Document struct {
	Kind     Kind
	Hash     Hash
	Revision uint64
	Expiry   int64
}

// Request authenticates one RPC: the address of the party it is for, so that
// no other server can use it; its full method name; the SHA-256 of the request
// message; a nonce used once; and when it was signed (Unix milliseconds).
type Request struct {
	Audience   Address
	Method     string
	BodyHash   Hash
	Nonce      Hash
	IssuedAtMS int64
}

// GrantTerms is what a committee signs: the grant document and, by TermsHash,
// the ceilings and dates that the Grants contract stores, and what it amends.
type GrantTerms struct {
	Document  Hash
	Revision  uint64
	Expiry    int64
	TermsHash Hash
}

// Voucher is a researcher's cumulative promise of work to one marketplace:
// the marketplace may settle up to Cumulative expected hashes in all.
type Voucher struct {
	Researcher  Address
	Marketplace Address
	Cumulative  uint64
}

// EscrowRelease is a marketplace's word that work of a researcher's escrow, in
// expected hashes, goes back to her credit. Releases is how often it gave work back
// to her before, so that each word is good once.
type EscrowRelease struct {
	Researcher  Address
	Marketplace Address
	Work        uint64
	Releases    uint64
}

// KeyRotation is a participant's word that her roles move to another account, and
// that account's word that it takes them: both sign the same.
type KeyRotation struct {
	Account Address
	Next    Address
}

// DocumentDigest returns the EIP-712 digest of d.
func (d Domain) DocumentDigest(doc Document) Hash {
	return d.digest(string(doc.Kind)+"(bytes32 documentHash,uint64 revision,bytes32 genesisHash,uint64 expiry)",
		doc.Hash, word(doc.Revision), d.Genesis, word(uint64(doc.Expiry)))
}

// RequestDigest returns the EIP-712 digest of r.
func (d Domain) RequestDigest(r Request) Hash {
	return d.digest("Request(address audience,string method,bytes32 bodyHash,bytes32 nonce,uint64 issuedAtMs,bytes32 genesisHash)",
		addressWord(r.Audience), keccak([]byte(r.Method)), r.BodyHash, r.Nonce, word(uint64(r.IssuedAtMS)), d.Genesis)
}

// GrantTermsDigest returns the EIP-712 digest of g.
func (d Domain) GrantTermsDigest(g GrantTerms) Hash {
	return d.digest("GrantTerms(bytes32 documentHash,uint64 revision,bytes32 genesisHash,uint64 expiry,bytes32 termsHash)",
		g.Document, word(g.Revision), d.Genesis, word(uint64(g.Expiry)), g.TermsHash)
}

// GrantRevocationDigest returns the EIP-712 digest by which a committee
// revokes the grant with the given document hash.
func (d Domain) GrantRevocationDigest(document Hash) Hash {
	return d.digest("GrantRevocation(bytes32 documentHash,bytes32 genesisHash)", document, d.Genesis)
}

// GrantSuspensionDigest returns the EIP-712 digest by which a committee suspends
// the grant with the given document hash, which was suspended so often before.
func (d Domain) GrantSuspensionDigest(document Hash, suspensions uint64) Hash {
	return d.digest("GrantSuspension(bytes32 documentHash,uint64 suspensions,bytes32 genesisHash)", document, word(suspensions), d.Genesis)
}

// GrantResumptionDigest returns the EIP-712 digest by which a committee resumes
// the grant with the given document hash, the suspension to end being counted.
func (d Domain) GrantResumptionDigest(document Hash, suspensions uint64) Hash {
	return d.digest("GrantResumption(bytes32 documentHash,uint64 suspensions,bytes32 genesisHash)", document, word(suspensions), d.Genesis)
}

// GrantReviewDigest returns the EIP-712 digest by which a committee puts the continuing
// review of the grant with the given document hash off to reviewBy, Unix seconds.
func (d Domain) GrantReviewDigest(document Hash, reviewBy int64) Hash {
	return d.digest("GrantReview(bytes32 documentHash,uint64 reviewBy,bytes32 genesisHash)", document, word(uint64(reviewBy)), d.Genesis)
}

// GrantClosureDigest returns the EIP-712 digest by which a committee closes the grant
// with the given document hash; report is the hash of the final report, zero if there is none.
func (d Domain) GrantClosureDigest(document, report Hash) Hash {
	return d.digest("GrantClosure(bytes32 documentHash,bytes32 reportHash,bytes32 genesisHash)", document, report, d.Genesis)
}

// EscrowReleaseDigest returns the EIP-712 digest of r.
func (d Domain) EscrowReleaseDigest(r EscrowRelease) Hash {
	return d.digest("EscrowRelease(address researcher,address marketplace,uint64 work,uint64 releases,bytes32 genesisHash)",
		addressWord(r.Researcher), addressWord(r.Marketplace), word(r.Work), word(r.Releases), d.Genesis)
}

// KeyRotationDigest returns the EIP-712 digest of r.
func (d Domain) KeyRotationDigest(r KeyRotation) Hash {
	return d.digest("KeyRotation(address account,address next,bytes32 genesisHash)", addressWord(r.Account), addressWord(r.Next), d.Genesis)
}

// VoucherDigest returns the EIP-712 digest of v.
func (d Domain) VoucherDigest(v Voucher) Hash {
	return d.digest("Voucher(address researcher,address marketplace,uint64 cumulative,bytes32 genesisHash)",
		addressWord(v.Researcher), addressWord(v.Marketplace), word(v.Cumulative), d.Genesis)
}

// TermsHash is keccak256(abi.encode(bytes32[] datasets, uint64[] ceilings,
// uint64 notBefore, uint64 expiry, uint64 reviewBy, bytes32 amends)): what the
// Grants contract computes over the terms it is given.
func (g GrantRecord) TermsHash() (Hash, error) {
	if len(g.Datasets) != len(g.Ceilings) {
		return Hash{}, fmt.Errorf("%d datasets but %d ceilings", len(g.Datasets), len(g.Ceilings))
	}
	n := uint64(len(g.Datasets))
	const head = 6 * 32 // two offsets, three numbers, a hash; tail: the two arrays with their lengths
	words := []Hash{
		word(head), word(head + (1+n)*32), word(uint64(g.NotBefore)), word(uint64(g.Expiry)), word(uint64(g.ReviewBy)), g.Amends, word(n),
	}
	words = append(words, g.Datasets...)
	words = append(words, word(n))
	for _, c := range g.Ceilings {
		words = append(words, word(c))
	}
	return keccakWords(words...), nil
}

// DatasetID is the on-chain name of a dataset: SHA-256 of its id.
func DatasetID(dataset string) Hash { return HashBytes([]byte(dataset)) }

// digest is keccak256(0x19 0x01 || domain separator || hash of the struct),
// EIP-712 "Definition of hashStruct". Dynamic members are passed hashed.
func (d Domain) digest(typ string, members ...Hash) Hash {
	if i := strings.IndexByte(typ, '('); i <= 0 {
		panic("ledger: typed data without a name: " + typ)
	}
	separator := keccakWords(keccak([]byte("EIP712Domain(string name,string version,uint256 chainId)")),
		keccak([]byte("medmarket")), keccak([]byte("1")), word(d.ChainID))
	structHash := keccakWords(append([]Hash{keccak([]byte(typ))}, members...)...)
	return keccak([]byte{0x19, 0x01}, separator[:], structHash[:])
}

func keccakWords(words ...Hash) Hash {
	h := sha3.NewLegacyKeccak256()
	for _, w := range words {
		h.Write(w[:])
	}
	return Hash(h.Sum(nil))
}

func keccak(parts ...[]byte) Hash {
	h := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		h.Write(p)
	}
	return Hash(h.Sum(nil))
}

// word is the ABI encoding of a uint64: 32 bytes, big-endian.
func word(v uint64) (w Hash) {
	binary.BigEndian.PutUint64(w[24:], v)
	return w
}

func addressWord(a Address) (w Hash) {
	copy(w[12:], a[:])
	return w
}
