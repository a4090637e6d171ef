package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type preferHistoryCommand struct {
	access
	JSON bool `help:"Print one JSON object." name:"json"`
}

func (c *preferHistoryCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		all, err := p.history(e)
		if err != nil {
			return err
		}
		if c.JSON {
			list := []map[string]any{}
			for _, h := range all {
				list = append(list, map[string]any{
					"revision": h.revision, "as_of": h.asOf, "recorded_at": h.at, "grantor": h.s.Grantor, "preference": h.s.Preference,
				})
			}
			return printJSON(e.stdout, map[string]any{"history": list})
		}
		for _, h := range all {
			fmt.Fprintf(e.stdout, "%s revision %d, in force from log index %d: %s%s\n", instant(h.at), h.revision, h.asOf,
				standing(h.s.Preference), recordedBy(h.s.Grantor))
		}
		return nil
	})
}

// said is one of a patient's documents.
type said struct {
	revision, asOf uint64
	at             int64
	s              provider.PreferenceStatement
}

func (p *person) history(e *env) (all []said, err error) {
	for after := uint64(0); ; after = all[len(all)-1].revision {
		r, err := pb.NewPatientServiceClient(p.clinic).ListPreferences(e.ctx, &pb.ListPreferencesRequest{AfterRevision: after})
		if err != nil {
			return nil, err
		}
		for _, h := range r.GetPreferences() {
			one := said{revision: h.GetPreference().GetRevision(), asOf: h.GetAsOf(), at: h.GetRecordedAt()}
			if err := json.Unmarshal(h.GetPreference().GetContent(), &one.s); err != nil {
				return nil, fmt.Errorf("revision %d: %w", one.revision, err)
			}
			all = append(all, one)
		}
		if len(r.GetPreferences()) < provider.MaxPast {
			return all, nil
		}
	}
}

// instant is how a time is printed.
func instant(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

type preferReleasesCommand struct {
	access
	After uint64 `help:"Only those after a log index."`
	JSON  bool   `help:"Print one JSON object." name:"json"`
}

func (c *preferReleasesCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		all, err := p.exposures(e, c.After)
		if err != nil {
			return err
		}
		if c.JSON {
			list := []map[string]any{}
			for _, x := range all {
				list = append(list, exposureJSON(x))
			}
			return printJSON(e.stdout, map[string]any{"releases": list})
		}
		for _, x := range all {
			fmt.Fprintf(e.stdout, "%s request %s\n  %s\n", instant(x.GetTime()), hexOf(x.GetRequestId()), x.GetQuestion())
			if x.GetStudy() != "" {
				fmt.Fprintf(e.stdout, "  for %s; study %s (%s), grant %s\n", x.GetPurpose(), x.GetStudy(), x.GetSponsor(), hexOf(x.GetGrant()))
			}
			fmt.Fprintf(e.stdout, "  decided at log index %d under your revision %d; cost %.4f epsilon\n  %s\n", x.GetAsOf(), x.GetRevision(),
				epsilon(x.GetCost().GetNanoRho()), lossLine(x.GetOwnCap(), x.GetLossAtMost()))
		}
		fmt.Fprintf(e.stdout, "%d questions were charged that could have counted you; those that were answered are in the public register under the request\n", len(all))
		return nil
	})
}

func exposureJSON(x *pb.Exposure) map[string]any {
	m := map[string]any{
		"request_id": ledger.Bytes(x.GetRequestId()), "grant": ledger.Bytes(x.GetGrant()), "as_of": x.GetAsOf(), "time": x.GetTime(),
		"study": x.GetStudy(), "sponsor": x.GetSponsor(), "purpose": x.GetPurpose(), "question": x.GetQuestion(), "cost": lossOf(x.GetCost()), "policy": ledger.Bytes(x.GetPolicy()), "revision": x.GetRevision(), "loss_at_most": lossOf(x.GetLossAtMost()),
	}
	if x.GetOwnCap() != nil {
		m["own_cap"] = lossOf(x.GetOwnCap())
	}
	return m
}

func lossOf(c *pb.Cost) policy.Loss { return policy.Loss{NanoRho: c.GetNanoRho(), Delta: c.GetDelta()} }

func (p *person) exposures(e *env, after uint64) (all []*pb.Exposure, err error) {
	for ask := (&pb.ListExposuresRequest{After: after}); ; {
		r, err := pb.NewPatientServiceClient(p.clinic).ListExposures(e.ctx, ask)
		if err != nil {
			return nil, err
		}
		all = append(all, r.GetExposures()...)
		if ask.PageToken = r.GetNextPageToken(); ask.PageToken == "" {
			return all, nil
		}
	}
}
