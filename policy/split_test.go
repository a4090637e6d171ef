package policy_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/policy"
)

func commitment(digit string) string { return "0x" + strings.Repeat(digit, 64) }

// splitCap is a preference whose own cap of 60 is a share of 100 over two hospitals.
func splitCap() policy.ReleasePreference {
	p := policy.AnyHealthResearch()
	p.OwnCap = &policy.Loss{NanoRho: 60, Delta: 3}
	p.CapSplit = &policy.CapSplit{Total: policy.Loss{NanoRho: 100, Delta: 4}, Shares: []policy.CapShare{
		{commitment("b"), policy.Loss{NanoRho: 40, Delta: 1}}, {commitment("a"), *p.OwnCap},
	}}
	p.CapSalt = commitment("5")
	return p
}

// A split is taken only if its shares are each a cap, come to the whole exactly, and one of them is her own cap here.
func TestASplitCapAddsUp(t *testing.T) {
	one := policy.Loss{NanoRho: 1}
	more := func(n int) func(*policy.ReleasePreference, *policy.CapSplit) {
		return func(_ *policy.ReleasePreference, s *policy.CapSplit) {
			for i := range n {
				s.Shares = append(s.Shares, policy.CapShare{Hospital: fmt.Sprintf("0x%064x", i), Cap: one})
				s.Total.NanoRho++
			}
		}
	}
	for name, change := range map[string]func(p *policy.ReleasePreference, s *policy.CapSplit){
		"as it is":       func(*policy.ReleasePreference, *policy.CapSplit) {},
		"hers first":     func(_ *policy.ReleasePreference, s *policy.CapSplit) { slices.Reverse(s.Shares) },
		"as many as may": more(30),
		"the least": func(p *policy.ReleasePreference, s *policy.CapSplit) {
			p.OwnCap, s.Total, s.Shares = &one, one, []policy.CapShare{{commitment("a"), one}}
		},
	} {
		p := splitCap()
		change(&p, p.CapSplit)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(p *policy.ReleasePreference, s *policy.CapSplit){
		"more than the whole": func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Shares[0].Cap.NanoRho++ },
		"less than the whole": func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Total.NanoRho++ },
		"another delta":       func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Total.Delta-- },
		"a whole of nothing":  func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Total = policy.Loss{} },
		"no shares":           func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Shares = nil },
		"a share of nothing": func(_ *policy.ReleasePreference, s *policy.CapSplit) {
			s.Shares[0].Cap.NanoRho, s.Total.NanoRho = 0, 60
		},
		"a share below 0":      func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Shares[0].Cap.Delta, s.Total.Delta = -1, 2 },
		"a sum that overflows": func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Shares[0].Cap.NanoRho = math.MinInt64 + 40 },
		"a hospital twice":     func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Shares[0].Hospital = s.Shares[1].Hospital },
		"a hospital by name":   func(_ *policy.ReleasePreference, s *policy.CapSplit) { s.Shares[0].Hospital = "st-ada" },
		"another cap here":     func(p *policy.ReleasePreference, _ *policy.CapSplit) { p.OwnCap.NanoRho = 50 },
		"no cap here":          func(p *policy.ReleasePreference, _ *policy.CapSplit) { p.OwnCap = nil },
		"no salt":              func(p *policy.ReleasePreference, _ *policy.CapSplit) { p.CapSalt = "" },
		"a salt, no split":     func(p *policy.ReleasePreference, _ *policy.CapSplit) { p.CapSplit = nil },
		"too many":             more(31),
	} {
		p := splitCap()
		change(&p, p.CapSplit)
		if err := p.Validate(); !errors.Is(err, policy.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A split is hers alone: like her cap it is not in the document of her class, in whatever order it stands.
func TestASplitIsNotOfTheClass(t *testing.T) {
	p := splitCap()
	class, _, _ := p.Class()
	p.CapSplit, p.CapSalt = nil, ""
	without, _, _ := p.Class()
	if marshal(t, class) != marshal(t, without) {
		t.Error("her class depends on how she splits her cap")
	}
	q := splitCap()
	q.CapSplit.Shares[0], q.CapSplit.Shares[1] = q.CapSplit.Shares[1], q.CapSplit.Shares[0]
	if marshal(t, q.Normalize()) != marshal(t, splitCap().Normalize()) {
		t.Error("the order of shares matters")
	}
	if !q.CapSplit.Holds(commitment("a"), policy.Loss{NanoRho: 60, Delta: 3}) || q.CapSplit.Holds(commitment("b"), policy.Loss{NanoRho: 60, Delta: 3}) {
		t.Error("a share is another hospital's")
	}
}

// Shares come to the total exactly, which is the whole but for less than one unit a share, and keep to the proportion.
func TestSplitCap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(1, 1_000_000), 1, policy.MaxShares).Draw(t, "parts")
		whole := policy.Loss{NanoRho: rapid.Int64Range(32_000_000, 1<<53-1).Draw(t, "rho"), Delta: rapid.Int64Range(0, 1<<53-1).Draw(t, "delta")}
		shares, total, err := policy.SplitCap(whole, parts)
		if err != nil {
			t.Fatal(err)
		}
		sum, all := policy.Loss{}, int64(0)
		for i, s := range shares {
			sum.NanoRho, sum.Delta, all = sum.NanoRho+s.NanoRho, sum.Delta+s.Delta, all+parts[i]
		}
		left := policy.Loss{NanoRho: whole.NanoRho - total.NanoRho, Delta: whole.Delta - total.Delta}
		if sum != total || left.NanoRho < 0 || left.Delta < 0 || left.NanoRho >= int64(len(parts)) || left.Delta >= int64(len(parts)) {
			t.Fatalf("%v of %v in %v: %v", total, whole, parts, shares)
		}
		for i, s := range shares {
			if want := float64(whole.NanoRho) * float64(parts[i]) / float64(all); math.Abs(float64(s.NanoRho)-want) > 1+want*1e-12 {
				t.Fatalf("share %d is %d, not %f", i, s.NanoRho, want)
			}
		}
	})
	for _, parts := range [][]int64{nil, {0}, {1, -1}, {1_000_001}, slices.Repeat([]int64{1}, 33), {1, 1_000_000}} {
		if _, _, err := policy.SplitCap(policy.Loss{NanoRho: 1000}, parts); !errors.Is(err, policy.ErrInvalid) {
			t.Errorf("%v: %v", parts, err)
		}
	}
	for _, n := range []int{1, 32} {
		whole := policy.Loss{NanoRho: int64(n)}
		if shares, total, err := policy.SplitCap(whole, slices.Repeat([]int64{1}, n)); len(shares) != n || total != whole || err != nil {
			t.Errorf("%d shares of the least: %v, %v, %v", n, shares, total, err)
		}
	}
	shares, total, err := policy.SplitCap(policy.Loss{NanoRho: 101, Delta: 10}, []int64{1_000_000, 500_000})
	if want := []policy.Loss{{NanoRho: 67, Delta: 6}, {NanoRho: 33, Delta: 3}}; !slices.Equal(shares, want) || total != (policy.Loss{NanoRho: 100, Delta: 9}) || err != nil {
		t.Errorf("two thirds and one: %v, %v, %v", shares, total, err)
	}
	if _, _, err := policy.SplitCap(policy.Loss{NanoRho: 1000, Delta: -1}, []int64{1}); !errors.Is(err, policy.ErrInvalid) {
		t.Errorf("less than no delta: %v", err)
	}
}
