package kernel

import (
	"encoding/gob"
	"encoding/json"
	"io"
	"os"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func init() {
	// Types that cells may put into a display. GoNB registers the same.
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// mimeClear marks a message of trafficlib/nb that asks to clear the cell's output. Its value says
// whether to wait for something new.
const mimeClear = "application/vnd.trafficlab.clear"

// answerTime is how long a program may take to read an answer.
const answerTime = 5 * time.Second

// A displayStream reads gonbui's messages, which come in arbitrary parts, and does what they ask.
type displayStream struct {
	c       *cell // the cell that runs
	p       *pipes
	capture *os.File // where %capture wants displays as well; nil for nowhere
	widgets widgets
	in      *io.PipeWriter
	done    chan struct{}

	mu     sync.Mutex
	back   *gob.Encoder
	hidden int  // displays beyond what a cell may show
	mute   bool // nothing is shown
}

func newDisplayStream(c *cell, p *pipes) *displayStream {
	s := &displayStream{c: c, p: p, back: gob.NewEncoder(p.backFile), done: make(chan struct{})}
	var out *io.PipeReader
	out, s.in = io.Pipe()
	log := c.k.log
	go func() {
		defer close(s.done)
		defer out.Close()
		decoder := gob.NewDecoder(out)
		for {
			var d protocol.DisplayData
			if err := decoder.Decode(&d); err != nil {
				if err != io.EOF {
					log.Printf("cannot decode what the program displays: %v", err)
				}
				return
			}
			s.message(&d)
		}
	}()
	return s
}

// add takes a part of the stream. It returns when all messages in it are handled, so that the
// notebook shows later output after them.
func (s *displayStream) add(data []byte) {
	s.c.out.sync()
	s.in.Write(data) // fails if the stream is malformed; the rest of it is dropped
	s.in.Write(nil)  // returns once the decoder asks for more
}

// skip is add for messages that must not be shown. Questions of the program are still answered.
func (s *displayStream) skip(data []byte) {
	s.mute = true
	s.in.Write(data)
	s.in.Write(nil)
	s.mute = false
}

func (s *displayStream) close() {
	s.in.Close()
	<-s.done
	s.widgets.close()
	if s.hidden > 0 {
		s.c.warn("… %s displays left out: this cell has shown %s bytes of them …", thousands(s.hidden),
			thousands(maxDisplayed))
	}
}

func (s *displayStream) message(d *protocol.DisplayData) {
	if value, ok := d.Data[protocol.MIMEJupyterInput]; ok {
		if ask, ok := value.(protocol.InputRequest); ok {
			s.c.k.ask(s.c, ask.Prompt, ask.Password, func(text string) {
				go s.p.input.WriteString(text + "\n")
			})
		}
		return
	}
	if wait, ok := d.Data[mimeClear].(bool); ok {
		if !s.mute {
			s.c.clear(wait)
		}
		return
	}
	if value, ok := d.Data[protocol.MIMECommValue]; ok {
		if v, ok := value.(protocol.CommValue); ok && v.Address == protocol.GonbuiSyncAddress {
			s.answer(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: v.Value})
			return
		}
		s.passOn(d)
		return
	}
	if _, ok := d.Data[protocol.MIMECommSubscribe]; ok {
		s.passOn(d)
		return
	}
	s.show(d)
}

// answer sends a value to the program. It does not wait long for a program that does not read.
func (s *displayStream) answer(v *protocol.CommValue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.p.backFile.SetWriteDeadline(time.Now().Add(answerTime))
	if err := s.back.Encode(v); err != nil {
		s.c.k.log.Printf("the program does not read: %v", err)
	}
}

// passOn passes a message about a widget to GoNB.
func (s *displayStream) passOn(d *protocol.DisplayData) {
	if err := s.widgets.send(d, s.answer); err != nil {
		s.c.k.log.Printf("GoNB's widgets: %v", err)
	}
}

// show publishes a display. The first with an ID shows it; later ones replace what is shown.
func (s *displayStream) show(d *protocol.DisplayData) {
	if s.mute {
		return
	}
	data, metadata, transient := map[string]any{}, map[string]any{}, map[string]any{}
	for mime, value := range d.Data {
		data[string(mime)] = value
		if text, ok := value.(string); ok && s.capture != nil {
			s.capture.WriteString(text)
		}
	}
	for name, value := range d.Metadata {
		metadata[name] = value
	}
	kind := "display_data"
	if d.DisplayID != "" {
		transient["display_id"] = d.DisplayID
		k := s.c.k
		k.mu.Lock()
		if k.displayed[d.DisplayID] {
			kind = "update_display_data"
		}
		k.displayed[d.DisplayID] = true
		k.mu.Unlock()
	}
	content, err := json.Marshal(map[string]any{"data": data, "metadata": metadata, "transient": transient})
	if err != nil {
		s.c.warn("cannot show a display: %v", err)
		return
	}
	if kind == "display_data" {
		if s.c.displayed += len(content); s.c.displayed > maxDisplayed {
			s.hidden++
			return
		}
	}
	s.c.publish(kind, json.RawMessage(content))
}

// widgets connect a program to GoNB, which has the other side of its widgets, by GoNB's own pipes.
type widgets struct {
	pipe, back string // paths, to GoNB and from it

	out *os.File
	in  *os.File
	enc *gob.Encoder
}

// send sends a message to GoNB. The first one opens the pipes; from then on answer is called with
// GoNB's messages.
func (w *widgets) send(d *protocol.DisplayData, answer func(*protocol.CommValue)) (err error) {
	if w.enc == nil {
		if w.out, err = os.OpenFile(w.pipe, os.O_WRONLY, 0); err != nil {
			return err
		}
		if w.in, err = os.OpenFile(w.back, os.O_RDONLY, 0); err != nil {
			return err
		}
		w.enc = gob.NewEncoder(w.out)
		go func() {
			decoder := gob.NewDecoder(w.in)
			for {
				var v protocol.CommValue
				if decoder.Decode(&v) != nil {
					return
				}
				answer(&v)
			}
		}()
	}
	return w.enc.Encode(d)
}

func (w *widgets) close() {
	for _, f := range []*os.File{w.out, w.in} {
		if f != nil {
			f.Close()
		}
	}
}
