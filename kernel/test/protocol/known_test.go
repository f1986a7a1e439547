package protocol

import "github.com/trafficlab/trafficlab/kernel/internal/kit"

// What our kernel is known not to pass yet.
var (
	knownTestbed = kit.Known{}
	knownSuite   = kit.Known{
		"test_clear_output": "there is no way yet for a cell to clear its output",
	}
	knownContract = kit.Known{
		"compile errors":       "a statement that begins with a keyword of declarations, such as package.Do(), is passed over",
		"input is asked for":   "a cell that asks where nobody may be asked waits for ever",
		"bad connection files": "a file without ports starts a kernel that nobody can reach",
	}
)
