// Package office holds what gridwalk adds to PocketBase's dashboard: four pages
// for who runs the office. Their logic is in server routes.
package office

import "embed"

// Pages are main.js and its style, as PocketBase's extension point wants them.
//
//go:embed main.js style.css
var Pages embed.FS
