package server

import (
	"errors"
	"strings"
	"time"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// errTimedOut ends a call that takes longer than its method may.
var errTimedOut = errors.New("took too long and was stopped")

// Limits of a call. A caller may set a shorter one.
const (
	shortLimit = 10 * time.Second // reads what is there
	usualLimit = time.Minute
	longLimit  = 3 * time.Minute // waits for a block, or brings a thousand documents
)

// timeLimit is how long a call of a method may take. A receipt comes with the
// headers of the chain, as a proof of pointers may, and a record waits for whoever counts; no other read does.
func timeLimit(method string) time.Duration {
	switch method {
	case pb.ParticipantService_RegisterParticipant_FullMethodName, pb.GrantService_ApproveGrant_FullMethodName,
		pb.GrantService_ChangeGrant_FullMethodName,
		pb.PreferenceService_EnrolPatients_FullMethodName, pb.PreferenceService_SetPreferences_FullMethodName,
		pb.PreferenceService_RecordPreferences_FullMethodName, pb.PatientService_InvitePatients_FullMethodName,
		pb.RecordService_PointAtRecords_FullMethodName:
		return longLimit
	case pb.ReceiptService_GetReceipt_FullMethodName, pb.RecordService_ListPointers_FullMethodName,
		pb.RecordService_GetRecord_FullMethodName, pb.RecordService_ListAccessUses_FullMethodName:
		return usualLimit
	}
	name := method[strings.LastIndexByte(method, '/')+1:]
	for _, reads := range []string{"Get", "List", "Quote"} {
		if strings.HasPrefix(name, reads) {
			return shortLimit
		}
	}
	return usualLimit
}
