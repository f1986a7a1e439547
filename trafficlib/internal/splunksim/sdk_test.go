package splunksim

import (
	"crypto/tls"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenvtest"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

func rec(fields ...string) (r results.Record) {
	for i := 0; i < len(fields); i += 2 {
		r = append(r, results.Field{Name: fields[i], Values: strings.Split(fields[i+1], "|")})
	}
	return r
}

// few are records with everything that is hard to transmit: several values, special characters of
// XML and JSON, and other alphabets.
func few() []results.Record {
	return []results.Record{
		rec("_raw", "a,<b>,\"c\"", "_time", "2017-07-07T16:11:04.000+00:00", "index", "cicids17", "label", "BENIGN",
			"timestamp", "9", "two", "1408|1408"),
		rec("_time", "2017-07-07T16:11:01.000+00:00", "index", "cicids17", "label", "Web Attack – \\\"XSS\\\"",
			"timestamp", "10"),
		rec("_time", "2017-07-07T16:11:02.000+00:00", "index", "cicids17", "label", "BENIGN", "timestamp", "8",
			"note", "é & ü"),
		rec("_time", "2017-07-07T16:11:05.000+00:00", "index", "cicids17", "label", "BENIGN", "timestamp", "7"),
		rec("_time", "2017-07-07T16:11:03.000+00:00", "index", "other", "label", "BENIGN", "timestamp", "6"),
	}
}

// TestSDK reads this server with Splunk's own SDK for Python: XML and JSON, oneshot, export and
// jobs, and the errors.
func TestSDK(t *testing.T) {
	python := pyenvtest.Need(t, "test-splunk", "testdata/requirements.txt")
	s := &Server{Records: few(), Token: "a-token", Username: "admin", Password: "changeme"}
	cert, pem, err := Certificate()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(s)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem, 0o666); err != nil {
		t.Fatal(err)
	}
	port := server.URL[strings.LastIndexByte(server.URL, ':')+1:]
	const search = `search index=cicids17 label="*" | table * | sort 0 timestamp | head 500`
	cmd := exec.Command(python, "testdata/sdk.py", port, ca, "admin", "changeme", "a-token", search)
	cmd.Env = pyenv.Alone()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var told map[string]any
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatal(err)
	}
	var want []any
	for _, i := range []int{2, 0, 1} { // by timestamp; the one of 16:11:05 is too late
		var fields []any
		for _, f := range few()[i] {
			var value any = f.Values[0]
			if len(f.Values) > 1 {
				value = []any{f.Values[0], f.Values[1]}
			}
			fields = append(fields, []any{f.Name, value})
		}
		want = append(want, fields)
	}
	for _, what := range []string{"oneshot xml", "oneshot json", "export xml", "export json", "job json"} {
		if !reflect.DeepEqual(told[what], want) {
			t.Errorf("%s: %v\nwant %v", what, told[what], want)
		}
	}
	for what, value := range map[string]any{
		"version":         []any{9., 2., 1.},
		"done":            true,
		"count":           "3",
		"token":           3.,
		"password":        "AuthenticationError: Login failed.",
		"unknown command": "HTTPError: HTTP 400 Bad Request -- Unknown search command 'frobnicate'.",
		"quotes":          "HTTPError: HTTP 400 Bad Request -- Unbalanced quotes.",
	} {
		if !reflect.DeepEqual(told[what], value) {
			t.Errorf("%s: %v, want %v", what, told[what], value)
		}
	}
	if id, _ := told["cancelled"].(string); !s.Cancelled(id) {
		t.Errorf("job %v is not cancelled", told["cancelled"])
	}
}

// TestSearch lists the supported part of the search language, and the errors for the rest.
func TestSearch(t *testing.T) {
	for search, want := range map[string]string{
		`search index=cicids17`:                                           "7 9 8 10",
		`search index=cicids17 label="BENIGN" | sort 0 timestamp`:         "7 8 9",
		`search index="cicids17" label!="benign"`:                         "10",
		`search note!="x"`:                                                "8",
		`search two=1408`:                                                 "9",
		`search label="Web*" index=*`:                                     "10",
		`search label="Web Attack – \\\"XSS\\\""`:                         "10",
		`search * | sort -timestamp | head 2`:                             "10 9",
		`search * AND index=other | fields timestamp,index`:               "6",
		`search * | sort 1 +timestamp`:                                    "6",
		`search * | sort 0 timestamp | search label=benign | tail 2`:      "9 8",
		`search * | table time*, label | sort label, timestamp | head 10`: "6 7 8 9 10",
		`search * | frob`:                                                 "Unknown search command 'frob'.",
		`search foo`: "Error in 'search' command: " +
			"Unable to parse the search: 'foo'.",
		`search * | head x`: "Error in 'head' command: Invalid argument: 'x'",
		`search * || head`:  "Error in 'SearchParser': Missing a search command",
		`search "a`:         "Unbalanced quotes.",
		`search * | sort 0`: "Error in 'sort' command",
		`search * | table`:  "Error in 'table' command",
	} {
		q, err := parse(search)
		if err != nil {
			if !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v, want %s", search, err, want)
			}
			continue
		}
		var got []string
		for _, r := range q.run(few()) {
			got = append(got, get(r, "timestamp"))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", search, s, want)
		}
	}
}
