//go:build programs

// Names the program, so that go.mod keeps what it is made of.
package programs

import (
	_ "github.com/versity/versitygw/cmd/versitygw"
)
