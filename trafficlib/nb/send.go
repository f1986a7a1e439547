package nb

import (
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func init() {
	// The kernel registers the same two, so that JSON content and metadata pass.
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// connected reports whether there is a notebook, and it still listens.
func connected() bool { return gonbui.IsNotebook && gonbui.Error() == nil }

// send sends a clean bundle to the notebook. Bundles under one display id replace each other in
// place.
func send(bundle, metadata map[string]any, displayID string) {
	data := make(map[protocol.MIMEType]any, len(bundle))
	for mime, content := range bundle {
		data[protocol.MIMEType(mime)] = content
	}
	gonbui.SendData(&protocol.DisplayData{Data: data, Metadata: metadata, DisplayID: displayID})
}

// flush waits until the notebook has taken all that was sent: bytes in the pipe are lost when the
// process ends. It does not wait for a kernel that has died.
func flush() {
	if !connected() {
		return
	}
	done := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
}

// drain waits until the kernel has read what the cell printed, and a moment more for it to be
// passed on.
func drain() {
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if unread(os.Stdout) == 0 && unread(os.Stderr) == 0 {
			break
		}
	}
	time.Sleep(5 * time.Millisecond)
}

// clean returns the bundle as the pipe to the kernel can carry it, or an error: one value that gob
// does not know would break the pipe for the rest of the cell.
func clean(bundle map[string]any) (map[string]any, error) {
	if _, ok := bundle["text/plain"].(string); !ok {
		return nil, errors.New("its bundle has no text/plain")
	}
	out := make(map[string]any, len(bundle))
	for _, mime := range slices.Sorted(maps.Keys(bundle)) {
		content := bundle[mime]
		if !strings.HasSuffix(mime, "json") {
			switch content.(type) {
			case string, []byte:
				out[mime] = content
			default:
				return nil, fmt.Errorf("%s is a %T, want a string or bytes", mime, content)
			}
			continue
		}
		// Front ends want JSON types as values and take a string for a string.
		value, err := jsonValue(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", mime, err)
		}
		out[mime] = value
	}
	return out, nil
}

// jsonValue returns content in the types that encoding/json decodes to.
func jsonValue(content any) (value any, err error) {
	var text []byte
	switch c := content.(type) {
	case string:
		text = []byte(c)
	case []byte:
		text = c
	default:
		if text, err = json.Marshal(content); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	return value, noNull(value)
}

// noNull refuses null, which gob cannot carry.
func noNull(value any) error {
	switch v := value.(type) {
	case nil:
		return errors.New("holds a null, which can not be sent")
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := noNull(v[key]); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
	case []any:
		for i, e := range v {
			if err := noNull(e); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	}
	return nil
}
