package policy

import (
	"cmp"
	"math"
	"slices"
)

// MaxShares is the most hospitals that a [CapSplit] names.
const MaxShares = 32

// CapSplit is how a patient divides the most that she may ever lose, over all the hospitals that she names. It is one document, the same at
// each of them: that its shares come to the whole, each can check, and each holds her to its own share, which is her own cap there.
type CapSplit struct {
	Total  Loss       `json:"total"`  // what the shares come to, exactly
	Shares []CapShare `json:"shares"` // each hospital once, 1 to MaxShares
}

// CapShare is a hospital's share. It is named by a commitment that only what the patient tells that hospital opens, so that none learns
// from her document where else she is a patient, but how many others there are and how much is theirs.
type CapShare struct {
	Hospital string `json:"hospital"` // "0x" and 64 lower-case hex digits
	Cap      Loss   `json:"cap"`
}

// Holds says whether the split gives a hospital, by its commitment, just that cap.
func (s CapSplit) Holds(hospital string, ownCap Loss) bool {
	return slices.Contains(s.Shares, CapShare{hospital, ownCap})
}

// capSplit checks that the shares are each a cap and come to the whole, and that her own cap here is one of them.
func (c *checks) capSplit(field string, p ReleasePreference) {
	if p.CapSplit == nil {
		c.within("preference.cap_salt", p.CapSalt == "", "absent without cap_split")
		return
	}
	c.hex("preference.cap_salt", p.CapSalt, 64)
	s := *p.CapSplit
	c.within(field+".shares", len(s.Shares) >= 1 && len(s.Shares) <= MaxShares, "1 to 32")
	rest, own, before := s.Total, false, map[string]bool{}
	for _, share := range s.Shares {
		c.hex(field+".shares.hospital", share.Hospital, 64)
		c.within(field+".shares", !before[share.Hospital], "each hospital once")
		before[share.Hospital] = true
		c.integer(field+".shares.cap.nano_rho", share.Cap.NanoRho, 1)
		c.integer(field+".shares.cap.delta", share.Cap.Delta, 0)
		own = own || p.OwnCap != nil && *p.OwnCap == share.Cap
		rest = rest.less(share.Cap)
	}
	c.integer(field+".total.nano_rho", s.Total.NanoRho, 1)
	c.integer(field+".total.delta", s.Total.Delta, 0)
	c.within(field+".total", rest == Loss{}, "what the shares come to")
	c.within(field, own, "own_cap must be one of the shares")
}

// less is what is left of c, and less than nothing once any part of it was exceeded: no sum of shares wraps around to the whole.
func (c Loss) less(share Loss) Loss {
	sub := func(a, b int64) int64 {
		if a < 0 || b < 0 {
			return math.MinInt64
		}
		return a - b
	}
	return Loss{sub(c.NanoRho, share.NanoRho), sub(c.Delta, share.Delta)}
}

func (s *CapSplit) normalize() *CapSplit {
	if s == nil {
		return nil
	}
	shares := append(make([]CapShare, 0, len(s.Shares)), s.Shares...)
	slices.SortFunc(shares, func(a, b CapShare) int { return cmp.Compare(a.Hospital, b.Hospital) })
	return &CapSplit{s.Total, shares}
}

// SplitCap divides a cap in the proportion of parts, by position, rounded down: what is left over is nobody's, so that the whole
// may be a little less. ErrInvalid unless there are 1 to [MaxShares] parts from 1 to 1,000,000 and each comes to something.
func SplitCap(whole Loss, parts []int64) (shares []Loss, total Loss, err error) {
	const most = 1_000_000
	all := int64(0)
	for _, p := range parts {
		if p < 1 || p > most {
			return nil, Loss{}, &FieldError{"parts", "from 1 to 1000000", ErrInvalid}
		}
		all += p
	}
	if len(parts) < 1 || len(parts) > MaxShares {
		return nil, Loss{}, &FieldError{"parts", "1 to 32", ErrInvalid}
	}
	for _, p := range parts {
		share := Loss{portion(whole.NanoRho, p, all), portion(whole.Delta, p, all)}
		if share.NanoRho < 1 || share.Delta < 0 {
			return nil, Loss{}, &FieldError{"parts", "one comes to nothing", ErrInvalid}
		}
		shares = append(shares, share)
		total.NanoRho, total.Delta = total.NanoRho+share.NanoRho, total.Delta+share.Delta
	}
	return shares, total, nil
}

// portion is whole*part/all rounded down, without overflow: all is at most 32,000,000.
func portion(whole, part, all int64) int64 {
	return whole/all*part + whole%all*part/all
}
