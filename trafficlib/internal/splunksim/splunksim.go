// Package splunksim is a small Splunk for tests: its REST API of searches, over records that it is
// given.
//
// It signs users in, describes itself, and runs searches as jobs, as oneshot and as export, with
// answers in JSON and XML of the shapes that Splunk documents; a test shows that the official
// Python SDK reads them. It knows as much of the search language as TestSearch lists, and refuses
// the rest as Splunk does, with status 400 and a message. It keeps everything in memory and is no
// place for anybody's data.
package splunksim

import (
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// A Server is a Splunk. Records are in the order in which they were indexed; a search returns the
// newest first.
type Server struct {
	Records  []results.Record
	Token    string // an authentication token; "" for none
	Username string
	Password string
	Version  string // "" means 9.2.1; before 9.0.2 there is no version 2 of the search API

	mu       sync.Mutex
	sessions map[string]bool
	jobs     map[string]*job
	ids      []string // of all jobs that were begun, in order
}

// A job is a search that has ended.
type job struct {
	search    string
	found     []results.Record
	cancelled bool
}

// Jobs returns the IDs of all jobs that were started, in order.
func (s *Server) Jobs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.ids...)
}

// Cancelled reports whether a job was canceled.
func (s *Server) Cancelled(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs[id] != nil && s.jobs[id].cancelled
}

// message answers with an error as Splunk does.
type message struct {
	status     int
	kind, text string
}

func (m message) Error() string { return m.text }

// ServeHTTP answers as splunkd does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// splunkd takes a body without a type for a form, and the SDK relies on it.
	if r.Method == http.MethodPost && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, message{http.StatusBadRequest, "ERROR", "Bad request"})
		return
	}
	path := strings.Trim(r.URL.Path, "/")
	if rest, ok := strings.CutPrefix(path, "servicesNS/"); ok { // with a user and an app
		parts := strings.SplitN(rest, "/", 3)
		if len(parts) == 3 {
			path = "services/" + parts[2]
		}
	}
	path, found := strings.CutPrefix(path, "services/")
	var err error
	switch {
	case !found:
		err = message{http.StatusNotFound, "ERROR", "Not Found"}
	case path == "auth/login":
		err = s.login(w, r)
	case !s.knows(r):
		err = message{http.StatusUnauthorized, "WARN", "call not properly authenticated"}
	case path == "server/info":
		s.info(w, r)
	default:
		err = s.search(w, r, path)
	}
	if err != nil {
		m, ok := err.(message)
		if !ok {
			m = message{http.StatusBadRequest, "FATAL", err.Error()}
		}
		s.refuse(w, r, m)
	}
}

func (s *Server) version() string {
	if s.Version == "" {
		return "9.2.1"
	}
	return s.Version
}

// old reports whether there is no version 2 of the search API.
func (s *Server) old() bool { return strings.HasPrefix(s.version(), "8.") }

func wantsJSON(r *http.Request) bool { return r.Form.Get("output_mode") == "json" }

func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, j any, x string) {
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(status)
		text, _ := json.Marshal(j)
		w.Write(text)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+x)
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, m message) {
	if m.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="/splunk"`)
	}
	j := map[string]any{"messages": []map[string]string{{"type": m.kind, "text": m.text}}}
	s.write(w, r, m.status, j,
		fmt.Sprintf("<response>\n  <messages>\n    <msg type=\"%s\">%s</msg>\n  </messages>\n</response>\n",
			m.kind, escape(m.text)))
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes all
	return b.String()
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if s.Username == "" || r.Form.Get("username") != s.Username || r.Form.Get("password") != s.Password {
		return message{http.StatusUnauthorized, "WARN", "Login failed"}
	}
	key := rand.Text()
	s.mu.Lock()
	if s.sessions == nil {
		s.sessions = map[string]bool{}
	}
	s.sessions[key] = true
	s.mu.Unlock()
	s.write(w, r, http.StatusOK, map[string]string{"sessionKey": key, "message": "", "code": ""},
		"<response>\n  <sessionKey>"+key+
			"</sessionKey>\n  <messages>\n    <msg code=\"\"></msg>\n  </messages>\n</response>\n")
	return nil
}

// knows reports whether a request comes from somebody who has signed in.
func (s *Server) knows(r *http.Request) bool {
	kind, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case "Splunk":
		return s.sessions[key]
	case "Bearer":
		return s.Token != "" && key == s.Token
	case "Basic":
		user, password, ok := r.BasicAuth()
		return ok && s.Username != "" && user == s.Username && password == s.Password
	}
	return false
}

func (s *Server) info(w http.ResponseWriter, r *http.Request) {
	content := map[string]string{"version": s.version(), "serverName": "splunksim", "product_type": "enterprise",
		"instance_type": "download"}
	j := map[string]any{"entry": []any{map[string]any{"name": "server-info", "content": content}}}
	s.write(w, r, http.StatusOK, j, feed("server-info", "server-info", content))
}

// feed is an Atom feed of one entry.
func feed(title, name string, content map[string]string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest">` + "\n<title>" +
		title + "</title>\n" +
		entry("<entry>", name, content) + "</feed>\n"
}

func entry(open, name string, content map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n<title>%s</title>\n<id>https://localhost:8089/services/%s</id>\n"+
		"<updated>2017-07-07T16:11:00+00:00</updated>\n"+
		"<link href=\"/services/%s\" rel=\"alternate\"/>\n<content type=\"text/xml\">\n<s:dict>\n",
		open, escape(name), escape(name), escape(name))
	for k, v := range content {
		fmt.Fprintf(&b, "<s:key name=\"%s\">%s</s:key>\n", escape(k), escape(v))
	}
	b.WriteString("<s:key name=\"eai:acl\"><s:dict><s:key name=\"app\">search</s:key><s:key name=\"owner\">admin</s:key>" +
		"<s:key name=\"sharing\">global</s:key></s:dict></s:key>\n")
	b.WriteString("</s:dict>\n</content>\n</entry>\n")
	return b.String()
}

// search answers requests below search/jobs, in both versions.
func (s *Server) search(w http.ResponseWriter, r *http.Request, path string) error {
	rest, v2 := strings.CutPrefix(path, "search/v2/jobs")
	if !v2 {
		var ok bool
		if rest, ok = strings.CutPrefix(path, "search/jobs"); !ok {
			return message{http.StatusNotFound, "ERROR", "Not Found"}
		}
	}
	if v2 && s.old() {
		return message{http.StatusNotFound, "ERROR", "Not Found"}
	}
	switch parts := strings.Split(strings.Trim(rest, "/"), "/"); {
	case parts[0] == "":
		return s.create(w, r)
	case parts[0] == "export":
		return s.export(w, r)
	default:
		id, err := url.PathUnescape(parts[0])
		if err != nil {
			return message{http.StatusNotFound, "FATAL", "Unknown sid."}
		}
		return s.job(w, r, id, strings.Join(parts[1:], "/"))
	}
}

// run runs the search of a request, and returns the job and its ID.
func (s *Server) run(r *http.Request) (string, *job, error) {
	if r.Method == http.MethodGet && !strings.HasSuffix(strings.Trim(r.URL.Path, "/"), "export") {
		return "", nil, message{http.StatusMethodNotAllowed, "ERROR", "Method Not Allowed"}
	}
	text := r.Form.Get("search")
	if text == "" {
		return "", nil, message{http.StatusBadRequest, "FATAL", "Empty search."}
	}
	q, err := parse(text)
	if err != nil {
		return "", nil, err
	}
	if q.from, err = moment(r.Form.Get("earliest_time")); err != nil {
		return "", nil, message{http.StatusBadRequest, "FATAL", "Invalid earliest_time."}
	}
	if q.to, err = moment(r.Form.Get("latest_time")); err != nil {
		return "", nil, message{http.StatusBadRequest, "FATAL", "Invalid latest_time."}
	}
	j := &job{search: text, found: q.run(s.Records)}
	id := r.Form.Get("id")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs == nil {
		s.jobs = map[string]*job{}
	}
	if id == "" {
		id = fmt.Sprintf("%d.%d", 1499443860, len(s.ids))
	}
	s.jobs[id] = j
	s.ids = append(s.ids, id)
	return id, j, nil
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) error {
	id, j, err := s.run(r)
	if err != nil {
		return err
	}
	if r.Form.Get("exec_mode") == "oneshot" {
		return s.results(w, r, j)
	}
	s.write(w, r, http.StatusCreated, map[string]string{"sid": id},
		"<response>\n  <sid>"+escape(id)+"</sid>\n</response>\n")
	return nil
}

// job answers requests about a job that was started.
func (s *Server) job(w http.ResponseWriter, r *http.Request, id, what string) error {
	s.mu.Lock()
	j := s.jobs[id]
	s.mu.Unlock()
	if j == nil {
		return message{http.StatusNotFound, "FATAL", "Unknown sid."}
	}
	switch {
	case what == "control" && r.Method == http.MethodPost && r.Form.Get("action") == "cancel":
		s.mu.Lock()
		j.cancelled = true
		s.mu.Unlock()
		j := map[string]any{"messages": []map[string]string{{"type": "INFO", "text": "Search job cancelled."}}}
		s.write(w, r, http.StatusOK, j,
			"<response>\n  <messages>\n    <msg type=\"INFO\">Search job cancelled.</msg>\n  </messages>\n</response>\n")
		return nil
	case what == "results", what == "results_preview":
		return s.results(w, r, j)
	case what == "":
		content := map[string]string{"sid": id, "isDone": "1", "isFailed": "0", "dispatchState": "DONE",
			"resultCount": strconv.Itoa(len(j.found)),
			"eventCount":  strconv.Itoa(len(j.found)), "doneProgress": "1.00000", "search": j.search}
		w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
		fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+
			entry(`<entry xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest">`,
				"search/jobs/"+id, content))
		return nil
	}
	return message{http.StatusNotFound, "ERROR", "Not Found"}
}
