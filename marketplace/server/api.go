package server

import (
	"context"
	"embed"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// documents are the OpenAPI documents, generated from proto/.
//
//go:embed openapi/*.json
var documents embed.FS

// api is what a party serves over REST.
type api struct {
	title    string
	document func() ([]byte, error) // OpenAPI
	services []route
}

var marketAPI = api{
	title: "medmarket: marketplace", document: documented("openapi/marketplace.json"),
	services: []route{
		to(pb.RegisterParticipantServiceHandlerClient, pb.NewParticipantServiceClient),
		to(pb.RegisterDatasetServiceHandlerClient, pb.NewDatasetServiceClient),
		to(pb.RegisterConceptServiceHandlerClient, pb.NewConceptServiceClient),
		to(pb.RegisterGrantServiceHandlerClient, pb.NewGrantServiceClient),
		to(pb.RegisterVisaServiceHandlerClient, pb.NewVisaServiceClient),
		to(pb.RegisterQueryServiceHandlerClient, pb.NewQueryServiceClient),
		to(pb.RegisterReceiptServiceHandlerClient, pb.NewReceiptServiceClient),
		to(pb.RegisterLiveServiceHandlerClient, pb.NewLiveServiceClient),
		to(pb.RegisterRegisterServiceHandlerClient, pb.NewRegisterServiceClient),
		to(pb.RegisterSessionServiceHandlerClient, pb.NewSessionServiceClient),
	},
}

var hospitalAPI = api{
	title: "medmarket: hospital", document: documented("openapi/hospital.json"),
	services: []route{
		to(pb.RegisterPreferenceServiceHandlerClient, pb.NewPreferenceServiceClient),
		to(pb.RegisterPatientServiceHandlerClient, pb.NewPatientServiceClient),
		to(pb.RegisterDecisionServiceHandlerClient, pb.NewDecisionServiceClient),
		to(pb.RegisterRecordServiceHandlerClient, pb.NewRecordServiceClient),
		to(pb.RegisterSessionServiceHandlerClient, pb.NewSessionServiceClient),
	},
}

// route makes the paths of a service lead to it, behind conn.
type route func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error

// to joins what grpc-gateway and gRPC generate for a service.
func to[C any](register func(context.Context, *runtime.ServeMux, C) error, client func(grpc.ClientConnInterface) C) route {
	return func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return register(ctx, mux, client(conn))
	}
}
