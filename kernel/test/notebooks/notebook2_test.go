package notebooks

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// second is the notebook on TCP conversations.
const second = "2-tcp-conversations.ipynb"

// wants checks that the cells' output contains each text.
func wants(t *testing.T, text []string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(joined(text), want) {
			t.Errorf("no cell printed %q", want)
		}
	}
}

func TestNotebook2(t *testing.T) {
	text := bundled(t, second)
	wants(t, text, "12822 frames, 12652 TCP packets", "578 pairs", "mean score, attack:",
		"-------> MODEL HAS FINISHED TRAINING <-------",
		"143 normal conversations, 100 of attacks", "port-scan", "guess", "step-001000")
	if line := regexp.MustCompile(`\dm \d+sec \(- \d+m \d+sec\) \(200 20%\) ` +
		`Current Loss Value ----> 0\.\d{4}\n`); !line.MatchString(joined(text)) {
		t.Errorf("no line of the training like %s", line)
	}
	guided, free := number(t, text, "ROC AUC guided:"), number(t, text, "ROC AUC free:")
	if !(guided > 0.65 && free > 0.5 && number(t, text, "ROC AUC transitions:") > 0.8) {
		t.Errorf("AUC guided %v, free %v", guided, free)
	}
	if untrained, repeated := number(t, text, "mean RMSE: untrained"), number(t, text,
		"repeating the third packet"); !(repeated < untrained) {
		t.Errorf("RMSE of the untrained model %v, of repeating %v", untrained, repeated)
	}
}

// TestNotebook2Real runs the notebook on the sample of DARPA 1998, for a few steps; the counts do
// not depend on the training.
func TestNotebook2Real(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "darpa98_sample")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/darpa98_sample beside the checkout")
	}
	text := runCells(t, second, []string{"GOMLX_BACKEND="}, "-p", "data="+data, "-p", "steps=20", "-p", "hidden=32",
		"-p", "buckets=2")
	wants(t, text, "14523 frames, 14282 TCP packets", "584 pairs", "[13578 rows x 16 columns]",
		"146 normal conversations, 98 of attacks",
		"ROC AUC transitions: 0.5369")
	number(t, text, "ROC AUC guided:")
}

// TestNotebook2Original runs the original's settings, for a few steps on the pure-Go backend, on
// packets in a CSV file without labels.
func TestNotebook2Original(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "darpa98_sample", "derived_packets.csv")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/darpa98_sample beside the checkout")
	}
	text := runCells(t, second, []string{"GOMLX_BACKEND=go"}, "-p", "data="+data,
		"-p", "batchSize=1", "-p", "replace=true", "-p", "mean=summed", "-p", "optimizer=sgd", "-p",
		"learningRate=0.0001",
		"-p", "clipNorm=0", "-p", "teacherForcing=0", "-p", "first=first_target", "-p", "zeroDynamic=true", "-p",
		"dropLast=true", "-p", "threshold=0.5",
		"-p", "skipFirstRow=true", "-p", "splitPackets=true", "-p", "testRatio=0.33", "-p", "steps=20", "-p",
		"every=10", "-p", "hidden=16")
	wants(t, text, "backend: go", "[13518 rows x 16 columns]", "582 pairs", "(20 100%) Current Loss Value",
		"src_port_type-dynamic: set to 0",
		"threshold 0.5000", "199 normal conversations, 0 of attacks")
}

// TestNotebook2Damaged runs the notebook on unreadable data: the run fails with a one-line error
// that says what and where.
func TestNotebook2Damaged(t *testing.T) {
	header := func(link uint32) string {
		var b bytes.Buffer
		binary.Write(&b, binary.LittleEndian, []uint32{0xa1b2c3d4, 4<<16 | 2, 0, 0, 65535, link})
		return b.String()
	}
	udp := header(101) + string([]byte{0, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28, 0, 0, 0, // raw IP
		0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 0, 53, 0, 8, 0, 0})
	refusals(t, second, nil, []refusal{
		{"no packets", folder, map[string]string{"a.pcap": header(1)}, "conversation.ReadAll(",
			"a.pcap: no TCP packets: 0 frames"},
		{"no TCP", folder, map[string]string{"a.pcap": udp}, "conversation.ReadAll(",
			"a.pcap: no TCP packets: 1 frames, 0 TCP packets; left out: 1 not TCP"},
		{"a link", folder, map[string]string{"a.pcap": header(201)}, "conversation.ReadAll(",
			"unsupported link type 201 (Bluetooth)"},
		{"nothing at all", folder, map[string]string{"readme.txt": ""}, "source.Pick(", `"packets"`},
	})
	refuses(t, second, []string{"GOMLX_BACKEND=go"}, "a.pcap: no TCP packets: 0 frames", "-p",
		"data="+oneFile(t, "a.pcap", header(1)))
}
