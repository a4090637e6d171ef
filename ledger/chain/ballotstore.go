package chain

import (
	"encoding/binary"
	"fmt"

	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/finality"
)

// Our keys for votes, beside those of the fork choice.
var (
	linkLabel   = []byte("pow/link/") // + target number, big-endian, + target hash: a finality.Link
	voteLabel   = []byte("pow/vote/") // + signer: its last vote, signed here or heard of
	evidenceKey = []byte("pow/evidence")
)

func linkKey(c finality.Checkpoint) []byte {
	return append(binary.BigEndian.AppendUint64(append([]byte(nil), linkLabel...), c.Number), c.Hash[:]...)
}

func (s *store) put(key []byte, value any) error {
	raw, err := rlp.EncodeToBytes(value)
	if err != nil {
		return err
	}
	s.dirty = true
	if err := s.db.Put(key, raw); err != nil {
		return fmt.Errorf("saving %q: %w", key, err)
	}
	return nil
}

func (s *store) putLink(l finality.Link) error { return s.put(linkKey(l.Target), l) }

// eachLink calls f with the links whose targets are at or above number, ascending,
// while it returns true.
func (s *store) eachLink(number uint64, f func(finality.Link) bool) error {
	it := s.db.NewIterator(linkLabel, binary.BigEndian.AppendUint64(nil, number))
	defer it.Release()
	for it.Next() {
		var l finality.Link
		if err := rlp.DecodeBytes(it.Value(), &l); err != nil {
			return fmt.Errorf("stored link %x: %w", it.Key(), err)
		}
		if !f(l) {
			break
		}
	}
	return it.Error()
}

func (s *store) links(number uint64) (links []finality.Link, err error) {
	return links, s.eachLink(number, func(l finality.Link) bool {
		links = append(links, l)
		return true
	})
}

// votedFinal is the number of a checkpoint at or shortly before the last one that
// stored links made final: near is about where that is, and may be above it.
func (s *store) votedFinal(near uint64) (number uint64, err error) {
	for back, found := uint64(0), false; ; back = 2*back + 1 {
		from := near - min(near, back)
		err = s.eachLink(from, func(l finality.Link) bool {
			number, found = max(number, l.Final.Number), true
			return true
		})
		if found || from == 0 || err != nil {
			return number, err
		}
	}
}

func voteKey(signer ledger.Address) []byte {
	return append(append([]byte(nil), voteLabel...), signer[:]...)
}

func (s *store) putLastVote(signer ledger.Address, v ledger.SignedCheckpointVote) error {
	return s.put(voteKey(signer), v)
}

// lastVote is the last vote of signer that is known here; found is false if there is none.
func (s *store) lastVote(signer ledger.Address) (v ledger.SignedCheckpointVote, found bool, err error) {
	found, err = s.get(voteKey(signer), &v)
	return v, found, err
}

func (s *store) putEvidence(found []ledger.CheckpointEvidence) error {
	return s.put(evidenceKey, found)
}

func (s *store) evidence(d ledger.Domain) (map[ledger.Address]ledger.CheckpointEvidence, error) {
	var found []ledger.CheckpointEvidence
	if ok, err := s.get(evidenceKey, &found); err != nil || !ok {
		return nil, err
	}
	out := map[ledger.Address]ledger.CheckpointEvidence{}
	for _, e := range found {
		offender, err := d.Offender(e)
		if err != nil {
			return nil, fmt.Errorf("stored evidence: %w", err)
		}
		out[offender] = e
	}
	return out, nil
}

// get decodes a stored value; ok is false if there is none.
func (s *store) get(key []byte, value any) (ok bool, err error) {
	if ok, err = s.db.Has(key); err != nil || !ok {
		return false, err
	}
	raw, err := s.db.Get(key)
	if err != nil {
		return false, err
	}
	if err := rlp.DecodeBytes(raw, value); err != nil {
		return false, fmt.Errorf("stored %q: %w", key, err)
	}
	return true, nil
}
