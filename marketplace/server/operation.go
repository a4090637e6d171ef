package server

import (
	"cmp"
	"context"

	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

func (s *queryService) StartAsk(ctx context.Context, r *pb.StartAskRequest) (*pb.StartAskResponse, error) {
	order, err := orderFrom(r.GetAsk())
	if err != nil {
		return nil, err
	}
	op, err := s.market.StartAsk(ctx, callerFrom(ctx).Address, order)
	if err != nil {
		return nil, err
	}
	out, err := operationTo(ctx, op)
	return &pb.StartAskResponse{Operation: out}, err
}

func (s *queryService) GetOperation(ctx context.Context, r *pb.GetOperationRequest) (*pb.GetOperationResponse, error) {
	op, err := s.market.Operation(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetRequestId()))
	if err != nil {
		return nil, err
	}
	out, err := operationTo(ctx, op)
	return &pb.GetOperationResponse{Operation: out}, err
}

func (s *queryService) CancelOperation(ctx context.Context, r *pb.CancelOperationRequest) (*pb.CancelOperationResponse, error) {
	op, err := s.market.CancelOperation(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetRequestId()))
	if err != nil {
		return nil, err
	}
	out, err := operationTo(ctx, op)
	return &pb.CancelOperationResponse{Operation: out}, err
}

var operationStates = map[marketplace.OperationState]pb.OperationState{
	marketplace.OperationRunning: pb.OperationState_OPERATION_STATE_RUNNING, marketplace.OperationAnswered: pb.OperationState_OPERATION_STATE_ANSWERED,
	marketplace.OperationFailed: pb.OperationState_OPERATION_STATE_FAILED, marketplace.OperationOpen: pb.OperationState_OPERATION_STATE_OPEN,
	marketplace.OperationCancelled: pb.OperationState_OPERATION_STATE_CANCELLED,
}

func operationTo(ctx context.Context, op marketplace.Operation) (out *pb.Operation, err error) {
	out = &pb.Operation{RequestId: op.Request[:], State: operationStates[op.State], Charged: op.Charged}
	for _, h := range op.Hospitals {
		out.Hospitals = append(out.Hospitals, &pb.HospitalProgress{Dataset: h.Dataset, State: cmp.Or(string(h.State), "answered")})
	}
	if op.State == marketplace.OperationAnswered {
		out.Answer, err = replyTo(op.Reply)
		return out, err
	}
	if op.Err != nil { // as it would have been told to a caller who waited
		_, told := toStatus(ctx, op.Err, "not known")
		out.Reason, out.Message = reasonOf(status.Convert(told)), status.Convert(told).Message()
	}
	return out, nil
}
