package splunksim

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// A complaint is an error in Splunk's words.
type complaint string

func (c complaint) Error() string { return string(c) }

// A query is a parsed search.
type query struct {
	terms    []term
	steps    []func([]results.Record) []results.Record
	from, to time.Time
}

// A term is a condition on a field.
type term struct {
	field, value string
	not          bool
}

// run returns the records that a search finds.
func (q query) run(all []results.Record) []results.Record {
	var found []results.Record
	for _, r := range all {
		if q.takes(r) {
			found = append(found, r)
		}
	}
	slices.Reverse(found) // the newest first
	slices.SortStableFunc(found, func(a, b results.Record) int { return -cmp.Compare(get(a, "_time"), get(b, "_time")) })
	for _, step := range q.steps {
		found = step(found)
	}
	return found
}

func get(r results.Record, name string) string {
	v, _ := r.Get(name)
	return v
}

func (q query) takes(r results.Record) bool {
	if !q.from.IsZero() || !q.to.IsZero() {
		at, err := moment(get(r, "_time"))
		if err != nil || at.Before(q.from) || !q.to.IsZero() && !at.Before(q.to) {
			return false
		}
	}
	for _, t := range q.terms {
		if !t.takes(r) {
			return false
		}
	}
	return true
}

// takes reports whether a record meets the condition: a field without a value meets none, and one
// of several values is enough.
func (t term) takes(r results.Record) bool {
	for _, f := range r {
		if f.Name != t.field || len(f.Values) == 0 {
			continue
		}
		return slices.ContainsFunc(f.Values, func(v string) bool { return like(t.value, v) }) != t.not
	}
	return false
}

// like compares as Splunk does: without case, and * matches anything.
func like(pattern, value string) bool {
	pattern, value = strings.ToLower(pattern), strings.ToLower(value)
	if !strings.Contains(pattern, "*") {
		return pattern == value
	}
	// path.Match, with all but the * taken literally, and without folders.
	p := strings.NewReplacer(`\`, `\\`, "?", `\?`, "[", `\[`, "/", "\x00").Replace(pattern)
	ok, err := path.Match(p, strings.ReplaceAll(value, "/", "\x00"))
	return ok && err == nil
}

// moment reads a time of Splunk's parameters, in UTC; the zero time for none.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e11 {
		return time.UnixMilli(int64(seconds * 1000)), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("no time")
}

// A token is a word of a search.
type token struct {
	text   string
	quoted bool
}

// words splits a search into quoted texts, the signs = != | , and what stands between blanks.
func words(text string) ([]token, error) {
	var all []token
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case c == '"':
			var b strings.Builder
			for i++; ; i++ {
				if i >= len(text) {
					return nil, complaint("Unbalanced quotes.")
				}
				if text[i] == '"' {
					i++
					break
				}
				if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\') {
					i++
				}
				b.WriteByte(text[i])
			}
			all = append(all, token{b.String(), true})
		case strings.HasPrefix(text[i:], "!="):
			all, i = append(all, token{text: "!="}), i+2
		case strings.IndexByte("=|,", c) >= 0:
			all, i = append(all, token{text: string(c)}), i+1
		default:
			from := i
			for i < len(text) && strings.IndexByte(" \t\r\n\"=|,", text[i]) < 0 && !strings.HasPrefix(text[i:], "!=") {
				i++
			}
			all = append(all, token{text: text[from:i]})
		}
	}
	return all, nil
}

// parse parses "search a=b c!="d" | table * | sort 0 x | head 5" and the like.
func parse(text string) (query, error) {
	fatal := func(format string, args ...any) error {
		return message{http.StatusBadRequest, "FATAL", fmt.Sprintf(format, args...)}
	}
	var q query
	all, err := words(text)
	if err != nil {
		return q, fatal("%v", err)
	}
	for n := 0; ; n++ {
		end := slices.IndexFunc(all, func(t token) bool { return t.text == "|" && !t.quoted })
		part := all
		if end >= 0 {
			part = all[:end]
		}
		if len(part) == 0 {
			return q, fatal("Error in 'SearchParser': Missing a search command before '|'. "+
				"Error at position '0' of search query '%s'.", text)
		}
		command, args := part[0].text, part[1:]
		switch {
		case command == "search" && n == 0:
			err = q.conditions(args)
		case command == "search":
			var later query
			if err = later.conditions(args); err == nil {
				q.steps = append(q.steps, func(r []results.Record) []results.Record {
					return slices.DeleteFunc(slices.Clone(r), func(r results.Record) bool { return !later.takes(r) })
				})
			}
		case command == "table" || command == "fields":
			err = q.table(args)
		case command == "sort":
			err = q.sort(args)
		case command == "head" || command == "tail":
			err = q.head(command, args)
		default:
			return q, fatal("Unknown search command '%s'.", command)
		}
		if err != nil {
			return q, fatal("Error in '%s' command: %v", command, err)
		}
		if end < 0 {
			return q, nil
		}
		all = all[end+1:]
	}
}

func (q *query) conditions(args []token) error {
	for i := 0; i < len(args); {
		switch {
		case i+2 < len(args) && !args[i+1].quoted && (args[i+1].text == "=" || args[i+1].text == "!="):
			q.terms = append(q.terms, term{args[i].text, args[i+2].text, args[i+1].text == "!="})
			i += 3
		case !args[i].quoted && (args[i].text == "*" || args[i].text == "AND"):
			i++
		default:
			return complaint(fmt.Sprintf("Unable to parse the search: '%s'.", args[i].text))
		}
	}
	return nil
}

// names returns a list of names, with or without commas.
func names(args []token) []string {
	var all []string
	for _, a := range args {
		if a.text != "," || a.quoted {
			all = append(all, a.text)
		}
	}
	return all
}

func (q *query) table(args []token) error {
	fields := names(args)
	if len(fields) == 0 {
		return complaint("Invalid argument: ''")
	}
	q.steps = append(q.steps, func(all []results.Record) []results.Record {
		cut := make([]results.Record, len(all))
		for i, r := range all {
			for _, pattern := range fields {
				for _, f := range r {
					if like(pattern, f.Name) && !slices.ContainsFunc(cut[i], func(g results.Field) bool { return g.Name == f.Name }) {
						cut[i] = append(cut[i], f)
					}
				}
			}
		}
		return cut
	})
	return nil
}

// sort orders by fields, numbers as numbers. A count of 0 means all, and without one it returns
// 10000.
func (q *query) sort(args []token) error {
	most := 10000
	fields := names(args)
	if len(fields) > 0 {
		if n, err := strconv.Atoi(fields[0]); err == nil && n >= 0 {
			most, fields = n, fields[1:]
		}
	}
	if len(fields) == 0 {
		return complaint("Encountered the following error while trying to parse the sort arguments: no fields.")
	}
	q.steps = append(q.steps, func(all []results.Record) []results.Record {
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b results.Record) int {
			for _, field := range fields {
				name := strings.TrimLeft(field, "+-")
				c := compare(get(a, name), get(b, name))
				if strings.HasPrefix(field, "-") {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
			return 0
		})
		if most > 0 {
			all = all[:min(most, len(all))]
		}
		return all
	})
	return nil
}

func compare(a, b string) int {
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

func (q *query) head(command string, args []token) error {
	n := 10
	if len(args) > 0 {
		var err error
		if n, err = strconv.Atoi(args[0].text); err != nil || n < 0 || len(args) > 1 {
			return complaint(fmt.Sprintf("Invalid argument: '%s'", args[0].text))
		}
	}
	q.steps = append(q.steps, func(all []results.Record) []results.Record {
		if command == "head" {
			return all[:min(n, len(all))]
		}
		all = slices.Clone(all[max(0, len(all)-n):])
		slices.Reverse(all) // tail gives them from the end
		return all
	})
	return nil
}
