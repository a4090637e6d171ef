// Package providerrpc carries calls between a marketplace and a hospital's
// node: gRPC over TLS 1.3 where each side shows a certificate that the other
// has pinned by its fingerprint, and nothing else gets in.
//
// It promises that errors of package provider arrive as themselves, and that
// any other failure is marketplace.ErrUnavailable, since it is then not known
// whether the hospital charged.
//
// It assumes that fingerprints were exchanged over a trusted way. It does not
// protect a hospital from its marketplace's questions; the node checks those.
package providerrpc
