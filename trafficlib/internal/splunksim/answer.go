package splunksim

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// page returns the results that count and offset ask for: 100 by default, all for 0.
func page(r *http.Request, found []results.Record) ([]results.Record, error) {
	number := func(name string, otherwise int) (int, error) {
		text := r.Form.Get(name)
		if text == "" {
			return otherwise, nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, message{http.StatusBadRequest, "FATAL", "Invalid value for parameter " + name + "."}
		}
		return n, nil
	}
	offset, err := number("offset", 0)
	if err != nil {
		return nil, err
	}
	count, err := number("count", 100)
	if err != nil {
		return nil, err
	}
	found = found[min(offset, len(found)):]
	if count > 0 {
		found = found[:min(count, len(found))]
	}
	return found, nil
}

// results answers with the results of a oneshot search, or of a job.
func (s *Server) results(w http.ResponseWriter, r *http.Request, j *job) error {
	found, err := page(r, j.found)
	if err != nil {
		return err
	}
	switch r.Form.Get("output_mode") {
	case "json":
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_ = results.Write(w, found) // a client that has gone is none of our concern
	case "", "xml":
		w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
		fmt.Fprintln(w, `<?xml version="1.0" encoding="UTF-8"?>`)
		writeXML(w, found, 0)
	default:
		return message{http.StatusBadRequest, "FATAL", "Invalid output_mode."}
	}
	return nil
}

// export writes results as they are found: in JSON a line for each, in XML a list.
func (s *Server) export(w http.ResponseWriter, r *http.Request) error {
	if r.Form.Get("count") == "" {
		r.Form.Set("count", "0")
	}
	_, j, err := s.run(r)
	if err != nil {
		return err
	}
	found, err := page(r, j.found)
	if err != nil {
		return err
	}
	if !wantsJSON(r) {
		w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
		fmt.Fprintln(w, `<?xml version="1.0" encoding="UTF-8"?>`)
		writeXML(w, found, 0)
		return nil
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if len(found) == 0 {
		fmt.Fprintln(w, `{"preview":false,"lastrow":true}`)
		return nil
	}
	// With previews, the first results come before all results.
	if r.Form.Get("preview") != "0" && len(found) > 1 {
		line(w, `{"preview":true,"offset":0,"lastrow":true,"result":`, found[0])
	}
	for i, record := range found {
		last := ""
		if i == len(found)-1 {
			last = `"lastrow":true,`
		}
		line(w, fmt.Sprintf(`{"preview":false,"offset":%d,%s"result":`, i, last), record)
		if i%100 == 99 {
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
		}
		if r.Context().Err() != nil {
			return nil // the client has gone
		}
	}
	return nil
}

func line(w io.Writer, head string, record results.Record) {
	text, _ := record.MarshalJSON() // it is of text alone
	fmt.Fprintf(w, "%s%s}\n", head, text)
}

// writeXML writes results as the SDK's ResultsReader reads them.
func writeXML(w io.Writer, found []results.Record, preview int) {
	var b strings.Builder
	fmt.Fprintf(&b, "<results preview='%d'>\n<meta>\n<fieldOrder>\n", preview)
	for _, name := range results.Names(found) {
		fmt.Fprintf(&b, "<field>%s</field>\n", escape(name))
	}
	b.WriteString("</fieldOrder>\n</meta>\n")
	for i, record := range found {
		fmt.Fprintf(&b, "\t<result offset='%d'>\n", i)
		for _, f := range record {
			if len(f.Values) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\t\t<field k='%s'>\n", escape(f.Name))
			for _, v := range f.Values {
				if f.Name == "_raw" {
					fmt.Fprintf(&b, "<v xml:space='preserve' trunc='0'>%s</v>", escape(v))
				} else {
					fmt.Fprintf(&b, "\t\t\t<value><text>%s</text></value>\n", escape(v))
				}
			}
			b.WriteString("\t\t</field>\n")
		}
		b.WriteString("\t</result>\n")
		if b.Len() > 1<<16 {
			io.WriteString(w, b.String())
			b.Reset()
		}
	}
	b.WriteString("</results>\n")
	io.WriteString(w, b.String())
}
