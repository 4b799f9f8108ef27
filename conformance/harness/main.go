package harness

import (
	"fmt"
	"os"
)

// Main runs the tests of a package, for its TestMain, with a server whose env file must have the variables wants. It gives the
// exit code, which is a failure too when the server could not be started or did not end cleanly.
func Main(m interface{ Run() int }, server **Server, wants ...string) int {
	s, err := Start(wants...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "there is no server to test:", err)
		return 1
	}
	*server = s
	code := m.Run()
	if err := s.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
