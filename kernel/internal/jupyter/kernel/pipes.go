package kernel

import (
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/sys/unix"
)

func init() {
	// What cells may put into a display; GoNB registers the same.
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// mimeClear marks a message of trafficlib/nb that is no content but the wish to clear the cell's output; the value tells
// whether to wait for something new.
const mimeClear = "application/vnd.trafficlab.clear"

// EnvResult names the file in which a program leaves the value of the cell's last expression.
const EnvResult = "TRAFFICLAB_RESULT"

// pipes are what stands between a cell's program and the kernel beside its three streams.
type pipes struct {
	dir        string
	pipe, back string // gonbui's, FIFOs
	result     string
	stdin      *os.File
	answers    *os.File // the other end of stdin
	backFile   *os.File
}

func newPipes(tmp string) (*pipes, error) {
	dir, err := os.MkdirTemp(tmp, "p")
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	p := &pipes{dir: dir, pipe: filepath.Join(dir, "pipe"), back: filepath.Join(dir, "back"), result: filepath.Join(dir, "result")}
	for _, path := range []string{p.pipe, p.back} {
		if err := unix.Mkfifo(path, 0o600); err != nil {
			p.close()
			return nil, fmt.Errorf("kernel: %w", err)
		}
	}
	// Both ends, so that opening it waits for nobody.
	if p.backFile, err = os.OpenFile(p.back, os.O_RDWR, 0); err == nil {
		p.stdin, p.answers, err = os.Pipe()
	}
	if err != nil {
		p.close()
		return nil, fmt.Errorf("kernel: %w", err)
	}
	return p, nil
}

func (p *pipes) close() {
	for _, f := range []*os.File{p.stdin, p.answers, p.backFile} {
		if f != nil {
			f.Close()
		}
	}
	os.RemoveAll(p.dir)
}

// mostResult bounds the value of a last expression.
const mostResult = 16 << 20

func (p *pipes) readResult() json.RawMessage {
	f, err := os.Open(p.result)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostResult))
	if err != nil || !json.Valid(data) {
		return nil
	}
	return data
}

// A rich reads the stream of gonbui's messages as it comes in pieces, and does what they ask for.
type rich struct {
	c    *cell
	p    *pipes
	tee  *os.File
	in   *io.PipeWriter
	done chan struct{}

	gonb       string // GoNB's own pipes, for what only it can do: its widgets
	gonbBack   string
	toGonb     *gob.Encoder
	toGonbFile *os.File
	fromGonb   *os.File
	mu         sync.Mutex
	back       *gob.Encoder
	hidden     int  // displays beyond what a cell may show
	mute       bool // nothing is shown
}

func newRich(c *cell, p *pipes, gonb, gonbBack string) *rich {
	r := &rich{c: c, p: p, gonb: gonb, gonbBack: gonbBack, back: gob.NewEncoder(p.backFile), done: make(chan struct{})}
	var out *io.PipeReader
	out, r.in = io.Pipe()
	k := c.k
	go func() {
		defer close(r.done)
		defer out.Close()
		decoder := gob.NewDecoder(out)
		for {
			var d protocol.DisplayData
			if err := decoder.Decode(&d); err != nil {
				if err != io.EOF {
					k.log.Printf("what the program shows can not be read: %v", err)
				}
				return
			}
			r.message(&d)
		}
	}()
	return r
}

// turn has what comes from now on belong to another cell.
func (r *rich) turn(c *cell) { r.c = c }

// add hands a piece on, and comes back when all of its messages are dealt with: what follows it in time follows it in
// the notebook.
func (r *rich) add(data []byte) {
	r.c.out.before()
	r.in.Write(data) // an error when the stream makes no sense; then the rest is passed over
	r.in.Write(nil)  // returns once the decoder asks for more
}

// skip is add for what is not to be shown: questions of the program are still answered.
func (r *rich) skip(data []byte) {
	r.mute = true
	r.in.Write(data)
	r.in.Write(nil)
	r.mute = false
}

func (r *rich) close() {
	r.in.Close()
	<-r.done
	if r.toGonbFile != nil {
		r.toGonbFile.Close()
	}
	if r.fromGonb != nil {
		r.fromGonb.Close()
	}
	if r.hidden > 0 {
		r.c.out.add("stderr", []byte(fmt.Sprintf("… %s displays left out: this cell has shown %s bytes of them …\n", thousands(r.hidden), thousands(shown))))
	}
}

func (r *rich) message(d *protocol.DisplayData) {
	if value, ok := d.Data[protocol.MIMEJupyterInput]; ok {
		if ask, ok := value.(protocol.InputRequest); ok {
			r.c.k.ask(r.c, ask.Prompt, ask.Password, func(text string) {
				go r.p.answers.WriteString(text + "\n")
			})
		}
		return
	}
	if wait, ok := d.Data[mimeClear].(bool); ok {
		if !r.mute {
			r.c.clear(wait)
		}
		return
	}
	if value, ok := d.Data[protocol.MIMECommValue]; ok {
		if v, ok := value.(protocol.CommValue); ok && v.Address == protocol.GonbuiSyncAddress {
			r.answer(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: v.Value})
			return
		}
		r.pass(d)
		return
	}
	if _, ok := d.Data[protocol.MIMECommSubscribe]; ok {
		r.pass(d)
		return
	}
	r.show(d)
}

// answer writes to the program. One that does not read is not waited for.
func (r *rich) answer(v *protocol.CommValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p.backFile.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if err := r.back.Encode(v); err != nil {
		r.c.k.log.Printf("the program does not read: %v", err)
	}
}

// pass hands a message on to GoNB, which has the other side of its widgets, and its answers back to the program.
func (r *rich) pass(d *protocol.DisplayData) {
	if r.toGonb == nil {
		var err error
		if r.toGonbFile, err = os.OpenFile(r.gonb, os.O_WRONLY, 0); err == nil {
			r.fromGonb, err = os.OpenFile(r.gonbBack, os.O_RDONLY, 0)
		}
		if err != nil {
			r.c.k.log.Printf("GoNB's widgets: %v", err)
			return
		}
		r.toGonb = gob.NewEncoder(r.toGonbFile)
		go func() {
			decoder := gob.NewDecoder(r.fromGonb)
			for {
				var v protocol.CommValue
				if decoder.Decode(&v) != nil {
					return
				}
				r.answer(&v)
			}
		}()
	}
	if err := r.toGonb.Encode(d); err != nil {
		r.c.k.log.Printf("GoNB's widgets: %v", err)
	}
}

// show publishes a display. The first with an id shows it, the others replace what is shown.
func (r *rich) show(d *protocol.DisplayData) {
	if r.mute {
		return
	}
	data, metadata, transient := map[string]any{}, map[string]any{}, map[string]any{}
	for mime, value := range d.Data {
		data[string(mime)] = value
		if s, ok := value.(string); ok && r.tee != nil {
			r.tee.WriteString(s)
		}
	}
	for name, value := range d.Metadata {
		metadata[name] = value
	}
	kind := "display_data"
	if d.DisplayID != "" {
		transient["display_id"] = d.DisplayID
		k := r.c.k
		k.mu.Lock()
		if k.displays[d.DisplayID] {
			kind = "update_display_data"
		}
		k.displays[d.DisplayID] = true
		k.mu.Unlock()
	}
	content, err := json.Marshal(map[string]any{"data": data, "metadata": metadata, "transient": transient})
	if err != nil {
		r.c.out.add("stderr", []byte(fmt.Sprintf("a display can not be shown: %v\n", err)))
		return
	}
	if kind == "display_data" {
		if r.c.displays += len(content); r.c.displays > shown {
			r.hidden++
			return
		}
	}
	r.c.publish(kind, json.RawMessage(content))
}
