//go:build programs

// Names the programs, so that go.mod keeps what they are made of. No go.mod of its own pins h2spec's sources.
package programs

import (
	_ "github.com/bojand/ghz/cmd/ghz"
	_ "github.com/fullstorydev/grpcurl/cmd/grpcurl"
	_ "github.com/summerwind/h2spec/cmd/h2spec"
)
