package server

import (
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Lengths of addresses, hashes and signatures are checked by the field rules
// before any of these run.

var roleBits = map[pb.Role]ledger.Role{
	pb.Role_ROLE_RESEARCHER:  ledger.RoleResearcher,
	pb.Role_ROLE_COMMITTEE:   ledger.RoleCommittee,
	pb.Role_ROLE_PROVIDER:    ledger.RoleProvider,
	pb.Role_ROLE_MARKETPLACE: ledger.RoleMarketplace,
	pb.Role_ROLE_STEWARD:     ledger.RoleSteward,
	pb.Role_ROLE_OPERATOR:    ledger.RoleOperator,
}

func rolesFrom(list []pb.Role) (roles ledger.Role) {
	for _, r := range list {
		roles |= roleBits[r]
	}
	return roles
}

func rolesTo(roles ledger.Role) (list []pb.Role) {
	for r := pb.Role_ROLE_RESEARCHER; r <= pb.Role_ROLE_OPERATOR; r++ {
		if roles.Has(roleBits[r]) {
			list = append(list, r)
		}
	}
	return list
}

func documentFrom(d *pb.SignedDocument) ledger.SignedDocument {
	return ledger.SignedDocument{
		Content: d.GetContent(), Revision: d.GetRevision(), Expiry: d.GetExpiry(), Signature: ledger.Signature(d.GetSignature()),
	}
}

func documentTo(d ledger.SignedDocument) *pb.SignedDocument {
	return &pb.SignedDocument{Content: d.Content, Revision: d.Revision, Expiry: d.Expiry, Signature: d.Signature[:]}
}

func costTo(c accountant.Cost) *pb.Cost {
	return &pb.Cost{NanoRho: c.NanoRho, Delta: c.Delta, NanoEpsilon: c.NanoEpsilon}
}

func answerTo(r ledger.Receipt) *pb.Answer {
	s := r.Statement
	a := &pb.Answer{
		Cost: &pb.Cost{NanoRho: s.NanoRho, Delta: s.Delta, NanoEpsilon: s.NanoEpsilon}, Work: s.Work, Time: s.Time, AsOf: r.AsOf(),
		Partial: len(s.Missing) > 0, CountedAtEach: s.CountedAtEach, Hospitals: hospitalsTo(s),
	}
	for _, g := range s.Answer {
		group := &pb.Group{Key: g.Key}
		for _, e := range g.Estimates {
			group.Estimates = append(group.Estimates, &pb.Estimate{
				Measure: int32(e.Measure), Label: e.Label, Value: e.Value, Low: e.Low, High: e.High, Suppressed: e.Suppressed,
			})
		}
		a.Groups = append(a.Groups, group)
	}
	return a
}

var missingStates = map[ledger.MissingState]pb.HospitalState{
	ledger.MissingRefused: pb.HospitalState_HOSPITAL_STATE_REFUSED, ledger.MissingDown: pb.HospitalState_HOSPITAL_STATE_DOWN,
	ledger.MissingSlow: pb.HospitalState_HOSPITAL_STATE_SLOW, ledger.MissingFailed: pb.HospitalState_HOSPITAL_STATE_FAILED,
	ledger.MissingInvalid: pb.HospitalState_HOSPITAL_STATE_INVALID,
}

// hospitalsTo says what became of an ask at each hospital.
func hospitalsTo(s ledger.Statement) (out []*pb.HospitalAnswer) {
	for _, asked := range s.Ask.Each() {
		h := &pb.HospitalAnswer{Dataset: asked.Dataset, Provider: asked.Provider[:], State: pb.HospitalState_HOSPITAL_STATE_ANSWERED}
		for _, m := range s.Missing {
			if m.Provider == asked.Provider {
				h.State, h.Reasons = missingStates[m.State], m.Reasons
			}
		}
		out = append(out, h)
	}
	return out
}
