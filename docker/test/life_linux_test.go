package test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/docker/test/internal/box"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// complaint matches a line of a log that reports a problem, in the formats of Python's and
// Jupyter's logs, and of Go's klog.
var complaint = regexp.MustCompile(`(?m)^.*(?:\bWARN(?:ING)?\b|\bERROR\b|\bCRITICAL\b|^\[[WEC] |^[WEF][0-9]{4} |` +
	`Traceback|[Pp]ermission denied|panic:).*$`)

// provoked matches what the server logs about a request without the token, and about its own end.
var provoked = regexp.MustCompile(`403 GET |wrote error: 'Forbidden'|received signal 15, stopping`)

func quiet(t *testing.T, log string) {
	t.Helper()
	for _, line := range complaint.FindAllString(log, -1) {
		if !provoked.MatchString(line) {
			t.Errorf("it complained: %s", line)
		}
	}
}

// health runs the image's healthcheck, as an engine would, until its result is the expected one. It
// returns the last output.
func health(t *testing.T, b *box.Box, healthy bool) (output string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the check printed: %s\nthe server printed:\n%s", output, b.Log())
		}
	}()
	waits.Until(t, fmt.Sprint("healthy: ", healthy), func() bool {
		select {
		case <-b.Ended():
			t.Fatal("the container ended")
		default:
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // the timeout in the Dockerfile
		defer cancel()
		var status int
		output, status = b.Exec(ctx, "trafficlab-health")
		return (status == 0) == healthy
	})
	return output
}

// get requests a page from the server in a box, and returns the status code.
func get(t *testing.T, b *box.Box, path string) int {
	t.Helper()
	const ask = `import sys, http.client
c = http.client.HTTPConnection("127.0.0.1", 8888, timeout=20)
c.request("GET", sys.argv[1])
print(c.getresponse().status)`
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	output, status := b.Exec(ctx, "python3", "-c", ask, path)
	var code int
	if _, err := fmt.Sscan(output, &code); err != nil || status != 0 {
		t.Fatalf("GET %s: %s", path, output)
	}
	return code
}

func TestServer(t *testing.T) {
	i := notebooks(t)
	for name, as := range map[string]user{"image's user": own, "arbitrary uid": other, "arbitrary uid and gid": alien} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := i.start(t, as, nil) // the default command
			health(t, b, true)
			output, _ := b.Exec(t.Context(), "bash", "-c",
				`echo "$(id -u):$(id -g) $(cat /proc/1/comm) `+
					`$(awk '/^Uid/ {print $2}' /proc/[0-9]*/status | sort -u | tr '\n' ' ')"`)
			if want := fmt.Sprintf("%d:%d tini %d \n", as.uid, as.gid, as.uid); output != want {
				t.Errorf("user, first process and all users: %q, want %q", output, want)
			}
			address := regexp.MustCompile(`http://127\.0\.0\.1:8888(/lab/tree/1-\S+\.ipynb)\?token=([0-9a-f]{48})`)
			var m []string
			waits.Until(t, "the server prints its address", func() bool {
				m = address.FindStringSubmatch(b.Log())
				return m != nil
			})
			for path, want := range map[string]int{
				"/lab":                           http.StatusFound, // to the login page
				"/api/contents":                  http.StatusForbidden,
				"/api/kernels?token=wrong":       http.StatusForbidden,
				"/api/contents?token=" + m[2]:    http.StatusOK,
				m[1] + "?token=" + m[2]:          http.StatusOK,
				"/api/kernelspecs?token=" + m[2]: http.StatusOK,
			} {
				if got := get(t, b, path); got != want {
					t.Errorf("GET %s: %d, want %d", strings.ReplaceAll(path, m[2], "TOKEN"), got, want)
				}
			}
			if err := b.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			told := time.Now()
			b.Wait(waits.Context(t))
			if took := time.Since(told); took > 10*time.Second && !busy(t) { // docker stop waits no longer
				t.Errorf("it took %.1f s to end after SIGTERM", took.Seconds())
			}
			quiet(t, b.Log())
		})
	}
}

// busy reports whether the load average of the last minute exceeds the number of processors.
func busy(t *testing.T) bool {
	t.Helper()
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	var load float64
	if _, err := fmt.Sscan(string(data), &load); err != nil {
		t.Fatal(err)
	}
	return load > float64(runtime.NumCPU())
}

// TestUnhealthy checks that the healthcheck notices a server that hangs and one that was killed.
func TestUnhealthy(t *testing.T) {
	i := notebooks(t)
	b := i.start(t, own, nil, "bash", "-c", "trafficlab-start lab & sleep infinity")
	health(t, b, false) // it has just been started
	health(t, b, true)
	signal := func(name string) {
		t.Helper()
		if output, status := b.Exec(t.Context(), "python3", "-c", `import json, glob, os, signal, sys
os.kill(json.load(open(glob.glob(os.environ["JUPYTER_RUNTIME_DIR"] + "/jpserver-*.json")[0]))["pid"], getattr(signal, sys.argv[1]))`, name); status != 0 {
			t.Fatal(output)
		}
	}
	signal("SIGSTOP")
	health(t, b, false)
	signal("SIGCONT")
	health(t, b, true)
	signal("SIGKILL")
	if output := health(t, b, false); !strings.Contains(output, "refused") {
		t.Errorf("of a killed server it says %q", output)
	}
}

// The end of the server must end the container: only then can an engine restart it.
func TestKilledServerEndsTheContainer(t *testing.T) {
	i := notebooks(t)
	b := i.start(t, own, nil)
	health(t, b, true)
	if output, status := b.Exec(t.Context(), "python3", "-c", `import json, glob, os
os.kill(json.load(open(glob.glob(os.environ["JUPYTER_RUNTIME_DIR"] + "/jpserver-*.json")[0]))["pid"], 9)`); status != 0 {
		t.Fatal(output)
	}
	if status := b.Wait(waits.Context(t)); status < 1 {
		t.Errorf("status %d; output:\n%s", status, b.Log())
	}
}
