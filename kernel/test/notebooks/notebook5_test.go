package notebooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// fifth is the notebook on netflows from Splunk.
const fifth = "5-splunk-netflows.ipynb"

func TestNotebook5(t *testing.T) {
	text := bundled(t, fifth)
	wants(t, text, "Processed 1000 netflows", "× 84 columns", "1 benign (500)",
		"which is not an id: want an integer from 0 to 82", "DDoS     200",
		"trained to step 100", "logs/run-1/train", "logs/run-1/validation", "epoch 2/2: loss", "majority  ROC AUC: 0.5000")
	lstm, logistic := number(t, text, "lstm      ROC AUC:"), number(t, text, "logistic  ROC AUC:")
	if !(lstm > 0.95 && logistic > 0.95) {
		t.Errorf("AUC %v, of the regression %v", lstm, logistic)
	}
}

// TestNotebook5Splunk runs the notebook against a Splunk server, over HTTPS. The searches return
// the bundled flows, and no cell prints the token.
func TestNotebook5Splunk(t *testing.T) {
	kerneltest.Machine(t)
	dir := t.TempDir()
	program := filepath.Join(dir, "server")
	if out, err := exec.Command("go", "build", "-o", program,
		"../../../trafficlib/source/splunk/server").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := exec.Command(program, "-port", "0", "-dir", dir, kerneltest.Checkout(t, "notebooks", "data", "splunk",
		"benign.json.gz"), kerneltest.Checkout(t, "notebooks", "data", "splunk", "malicious.json.gz"))
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Kill()
	output := make([]byte, 4096)
	n, err := stdout.Read(output)
	if err != nil {
		t.Fatal(err)
	}
	host := regexp.MustCompile(`host=(\S+)`).FindSubmatch(output[:n])
	if host == nil {
		t.Fatalf("the server says %s", output[:n])
	}
	credentials := filepath.Join(dir, "credentials")
	secret, err := os.ReadFile(credentials)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(strings.TrimPrefix(string(secret), "token="))
	text := runCells(t, fifth,
		[]string{"GOMLX_BACKEND=", "SPLUNK_TOKEN=", "SPLUNK_USERNAME=", "SPLUNK_CREDENTIALS=" + credentials},
		"-p", "host="+string(host[1]), "-p", "caFile="+filepath.Join(dir, "ca.pem"), "-p", "count=150", "-p", "epochs=1")
	wants(t, text, `label="BENIGN" | table * | sort 0 timestamp | head 150 → 150`,
		`label!="BENIGN" | table * | sort 0 timestamp | head 150 → 150`,
		"Processed 300 netflows", "× 84 columns", "trained to step 15")
	if strings.Contains(joined(text), token) {
		t.Error("a cell prints the token")
	}
}

// TestNotebook5Real runs the notebook on the real flows in CSV: 299 benign flows and 1,000 of the
// flood.
func TestNotebook5Real(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "cicids2017_85col")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/cicids2017_85col beside the checkout")
	}
	text := runCells(t, fifth, []string{"GOMLX_BACKEND="}, "-p", "data="+data)
	wants(t, text, "Processed 1299 netflows", "× 83 columns", "baseline_portscan.csv", "majority  ROC AUC: 0.5000",
		"trained to step")
	lstm, logistic := number(t, text, "lstm      ROC AUC:"), number(t, text, "logistic  ROC AUC:")
	if !(lstm > 0.9 && logistic > 0.9) {
		t.Errorf("AUC %v, of the regression %v", lstm, logistic)
	}
}

// TestNotebook5Go runs another input, split and size on the pure-Go backend, on one file with both
// kinds of flows.
func TestNotebook5Go(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "cicids2017_85col", "derived_netflows_records.json")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/cicids2017_85col beside the checkout")
	}
	text := runCells(t, fifth, []string{"GOMLX_BACKEND=go"}, "-p", "data="+data, "-p", "input=scaled",
		"-p", "split=latest_of_each", "-p", "addresses=0", "-p", "hidden=8", "-p", "epochs=1", "-p", "bins=4")
	wants(t, text, "backend: go", "Processed 799 netflows", "lstm/kernel [1 32]", "(799, 77)")
}

// TestNotebook5Damaged runs the notebook on data that it cannot use: the run fails with a one-line
// error that says what and where.
func TestNotebook5Damaged(t *testing.T) {
	const unsigned = `var (
	data string = "DIR"
	host string = ""
)`
	refusals(t, fifth, []string{"SPLUNK_TOKEN=x"}, []refusal{
		{"no flows", unsigned, map[string]string{"benign.csv": "a,b\n1,2\n"}, "flowfiles.Load(",
			`benign.csv:1: no column "Label"`},
		{"HTML", unsigned, map[string]string{"benign.json": "<html><p>sign in"}, "flowfiles.Load(",
			`benign.json: record 1: the answer is not JSON: it begins with "<html>`},
		{"cut off", unsigned, map[string]string{"benign.json": `{"preview":false,"results":[{"label":"BENIGN"`},
			"flowfiles.Load(", "benign.json: record 1: the answer ends before its last row"},
		{"nothing there", unsigned, map[string]string{"readme.txt": "x"}, "source.Pick(", `for the role "benign"`},
		{"nobody there", `var host string = "127.0.0.1:1"`, nil, "splunk.Connect(", "cannot be reached"},
		{"plain http", `var host string = "http://splunk.example.org"`, nil, "splunk.Connect(", "want https"},
	})
	refuses(t, fifth, []string{"GOMLX_BACKEND=go", "SPLUNK_TOKEN=x"}, "want https", "-p",
		"host=http://splunk.example.org")
}
