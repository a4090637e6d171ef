package review

import (
	"errors"
	"fmt"
	"slices"
)

// State is where a study stands with its committee.
type State string

// The states. The last four are the end.
const (
	Submitted  State = "submitted"  // waits for the committee
	Questioned State = "questioned" // waits for the applicants' reply
	Returned   State = "returned"   // waits for another document of the applicants
	Approved   State = "approved"   // by one member or more; the chain says whether it is in force
	Rejected   State = "rejected"
	Withdrawn  State = "withdrawn" // by the applicants
	Revoked    State = "revoked"
	Closed     State = "closed" // the study is over
)

// States lists every state.
func States() []State {
	return []State{Submitted, Questioned, Returned, Approved, Rejected, Withdrawn, Revoked, Closed}
}

// Role is what somebody is to a study. Nobody is both: whoever is named in a study decides nothing about it.
type Role string

// The roles.
const (
	Applicant Role = "applicant" // a researcher named in the document
	Committee Role = "committee" // a member of the committee that it is addressed to
)

// Action is what somebody does.
type Action string

// The actions.
const (
	Submit    Action = "submit"    // file the study; the first step
	Attach    Action = "attach"    // add files, such as the protocol
	Inquire   Action = "inquire"   // put a question to the applicants
	Reply     Action = "reply"     // answer it
	Return    Action = "return"    // want another document
	Resubmit  Action = "resubmit"  // file another document in the place of the present one
	Withdraw  Action = "withdraw"  // take the study back
	Condition Action = "condition" // say under which condition it is approved
	Waive     Action = "waive"     // record a waiver of authorisation (45 CFR 164.512(i))
	Approve   Action = "approve"
	Reject    Action = "reject"
	Suspend   Action = "suspend"
	Resume    Action = "resume"
	Renew     Action = "renew" // put the continuing review off, once it is done
	Report    Action = "report"
	Revoke    Action = "revoke"
	Close     Action = "close" // with the final report, if there is one
)

// Actions lists every action.
func Actions() []Action {
	return []Action{
		Submit, Attach, Inquire, Reply, Return, Resubmit, Withdraw, Condition, Waive, Approve, Reject,
		Suspend, Resume, Renew, Report, Revoke, Close,
	}
}

// Ends reports whether an action ends a study that was approved.
func (a Action) Ends() bool { return a == Revoke || a == Close }

// Sentinels.
var (
	ErrNotNow   = errors.New("not possible in the present state of the study")
	ErrNotYours = errors.New("not for you to do")
)

// A rule says who may take an action and where it leads.
type rule struct {
	by   []Role
	next State
}

var (
	applicant = []Role{Applicant}
	committee = []Role{Committee}
	anybody   = []Role{Applicant, Committee}
)

// table has every step there is. What is not in it is denied.
var table = map[State]map[Action]rule{
	"": {Submit: {applicant, Submitted}},
	Submitted: {
		Attach: {anybody, Submitted}, Resubmit: {applicant, Submitted}, Withdraw: {applicant, Withdrawn},
		Inquire: {committee, Questioned}, Return: {committee, Returned}, Condition: {committee, Submitted}, Waive: {committee, Submitted},
		Approve: {committee, Approved}, Reject: {committee, Rejected},
	},
	Questioned: {
		Attach: {anybody, Questioned}, Reply: {applicant, Submitted}, Resubmit: {applicant, Submitted}, Withdraw: {applicant, Withdrawn},
		Inquire: {committee, Questioned}, Return: {committee, Returned}, Condition: {committee, Questioned}, Waive: {committee, Questioned},
		Approve: {committee, Approved}, Reject: {committee, Rejected},
	},
	Returned: {
		Attach: {anybody, Returned}, Reply: {applicant, Returned}, Resubmit: {applicant, Submitted}, Withdraw: {applicant, Withdrawn},
		Inquire: {committee, Returned}, Reject: {committee, Rejected},
	},
	Approved: {
		Attach: {anybody, Approved}, Reply: {applicant, Approved}, Report: {applicant, Approved}, Inquire: {committee, Approved},
		Condition: {committee, Approved}, Waive: {committee, Approved}, Approve: {committee, Approved},
		Suspend: {committee, Approved}, Resume: {committee, Approved}, Renew: {committee, Approved},
		Revoke: {committee, Revoked}, Close: {committee, Closed},
	},
}

// Next is the state that an action by somebody in a role leads to. Errors: ErrNotNow, ErrNotYours.
func Next(s State, a Action, by Role) (State, error) {
	r, listed := table[s][a]
	if !listed {
		return s, fmt.Errorf("%w: %s, when it is %s", ErrNotNow, a, s)
	}
	if !slices.Contains(r.by, by) {
		return s, fmt.Errorf("%w: %s is for the %s", ErrNotYours, a, r.by[0])
	}
	return r.next, nil
}

// WaitsFor is whose move it is; empty where it is nobody's.
func (s State) WaitsFor() Role {
	switch s {
	case Submitted:
		return Committee
	case Questioned, Returned:
		return Applicant
	case Approved, Rejected, Withdrawn, Revoked, Closed:
	}
	return ""
}
