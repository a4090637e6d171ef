package web

import "embed"

// dist is what `make web` built: index.html and, under assets, files whose names have a hash of their content.
//
//go:embed all:dist
var dist embed.FS
