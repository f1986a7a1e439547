package conversation

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tsharktest"
)

// Every packet of a capture is read as tshark reads it, except for the name of its protocol, which
// tshark takes from the payload.
func TestSameAsTshark(t *testing.T) {
	tshark := tsharktest.Need(t)
	t.Run("bundled", func(t *testing.T) { sameAsTshark(t, tshark, []string{"../../../notebooks/data/tcp/lan.pcap.gz"}) })
	t.Run("shared", func(t *testing.T) {
		if testing.Short() {
			t.Skip("short: tshark starts slowly, and there are 20 captures")
		}
		paths, err := filepath.Glob(filepath.Join(shareddata.Dir(t, "zeek_tls_pcaps"), "*.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		sameAsTshark(t, tshark, append(paths, shareddata.Dir(t, "darpa98_sample", "sample_data01.tcpdump")))
	})
}

func sameAsTshark(t *testing.T, tshark string, paths []string) {
	fields := strings.Fields("frame.number frame.time_relative _ws.col.Source _ws.col.Destination _ws.col.Protocol " +
		"frame.len tcp.srcport tcp.dstport tcp.flags.res tcp.flags.ae tcp.flags.cwr tcp.flags.ece " +
		"tcp.flags.urg tcp.flags.ack tcp.flags.push tcp.flags.reset tcp.flags.syn tcp.flags.fin")
	for _, path := range paths {
		// Without occurrence=f, reassembled segments and the messages in them would add values to the
		// same fields.
		args := []string{"-n", "-r", path, "-Y", "tcp", "-T", "fields",
			"-E", "header=y", "-E", "separator=,", "-E", "occurrence=f"}
		for _, f := range fields {
			args = append(args, "-e", f)
		}
		var said strings.Builder
		cmd := exec.Command(tshark, args...)
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, said.String())
		}
		csv := filepath.Join(t.TempDir(), "packets.csv")
		if err := os.WriteFile(csv, out, 0o666); err != nil {
			t.Fatal(err)
		}
		want, err := Read(t.Context(), csv, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, filepath.Base(path), got.Table.Drop("protocol"), want.Table.Drop("protocol"))
	}
}
