// Package netflow holds the netflows of CICIDS2017 as a Splunk gives them, or the CSV files that it was fed with.
//
// It takes records of package results, a cache that pandas wrote, or the published CSV files, and gives flows: a row for
// each, a column for each name, every cell without a value, with one, or with several. Read scrubs what Splunk adds, so
// that the 83 Columns are left, whatever the flows came from. They go on as a table (Table, for Arrow files and for
// looking at; Numbers, for learning) and as a JSON file in pandas' orientation (SaveJSON).
//
// Columns are known in any of CICFlowMeter's spellings, and what a file lacks, as addresses or the time, is not there: flows
// of CIC-IDS2017 and CSE-CIC-IDS2018 are read in all their forms. Labels are spelled in one way. Rows that nobody labeled,
// rows without a value and repeated headers are left out and counted (Notice).
//
// Read refuses files that it can not read, of several those that are left out and named, and numbers that are none, with
// the file and the line or the record.
package cic2017

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// Meta are the fields that are scrubbed: what Splunk adds to an event, and what tells flows apart by name and time.
var Meta = []string{
	"flow_id", "timestamp",
	"date_mday", "source", "index", "sourcetype", "_subsecond", "linecount", "_bkt", "_raw", "date_month", "date_year",
	"_time", "timeendpos", "timestartpos", "date_hour", "date_minute", "_cd", "date_zone", "host", "_serial",
	"date_second", "_sourcetype", "date_wday", "splunk_server", "punct", "_indextime", "_si",
}

// Columns are what is left of a flow, in order: by name, and external_ip, which not every flow has, behind the others.
var Columns = strings.Fields(`
	ack_flag_count act_data_pkt_fwd active_max active_mean active_min active_std average_packet_size avg_bwd_segment_size
	avg_fwd_segment_size bwd_avg_bulk_rate bwd_avg_bytes_per_bulk bwd_avg_packets_per_bulk bwd_header_length bwd_iat_max
	bwd_iat_mean bwd_iat_min bwd_iat_std bwd_iat_total bwd_packet_length_max bwd_packet_length_mean bwd_packet_length_min
	bwd_packet_length_std bwd_packets_per_s bwd_psh_flags bwd_urg_flags cwe_flag_count destination_ip destination_port
	down_per_up_ratio ece_flag_count fin_flag_count flow_bytes_per_s flow_duration flow_iat_max flow_iat_mean flow_iat_min
	flow_iat_std flow_packets_per_s fwd_avg_bulk_rate fwd_avg_bytes_per_bulk fwd_avg_packets_per_bulk fwd_header_length
	fwd_iat_max fwd_iat_mean fwd_iat_min fwd_iat_std fwd_iat_total fwd_packet_length_max fwd_packet_length_mean
	fwd_packet_length_min fwd_packet_length_std fwd_packets_per_s fwd_psh_flags fwd_urg_flags idle_max idle_mean idle_min
	idle_std init_win_bytes_backward init_win_bytes_forward label max_packet_length min_packet_length min_seg_size_forward
	packet_length_mean packet_length_std packet_length_variance protocol psh_flag_count rst_flag_count source_ip source_port
	subflow_bwd_bytes subflow_bwd_packets subflow_fwd_bytes subflow_fwd_packets syn_flag_count total_backward_packets
	total_fwd_packets total_length_of_bwd_packets total_length_of_fwd_packets urg_flag_count external_ip`)

// Addresses are the columns that hold the address of a host.
var Addresses = []string{"source_ip", "destination_ip", "external_ip"}

// Label is the column that says what a flow is, Benign the label of those that are no attack.
const (
	Label  = "label"
	Benign = "BENIGN"
)

// texts are those of Columns that hold no numbers.
var texts = append([]string{Label}, Addresses...)

// Features gives those of Columns that hold numbers, in order.
func Features() []string {
	return slices.DeleteFunc(slices.Clone(Columns), func(name string) bool { return slices.Contains(texts, name) })
}

// Flows are netflows, a row each.
type Flows struct {
	names []string
	cells [][][]string // of each column, of each row the values
	rows  int
	left  leftOut
}

// From gives records as flows, with all their fields, in the order in which they first appear.
func From(records []results.Record) *Flows {
	f := &Flows{names: results.Names(records), rows: len(records)}
	at := map[string]int{}
	for k, name := range f.names {
		at[name] = k
		f.cells = append(f.cells, make([][]string, len(records)))
	}
	for i, r := range records {
		for _, field := range r {
			f.cells[at[field.Name]][i] = field.Values
		}
	}
	return f
}

// Rows gives the number of flows.
func (f *Flows) NumRows() int { return f.rows }

// Names gives the names of the columns, in order.
func (f *Flows) Names() []string { return slices.Clone(f.names) }

// Values gives the values of a cell, none where a value is missing. It panics when there is no such column.
func (f *Flows) Values(row int, name string) []string {
	k := slices.Index(f.names, name)
	if k < 0 {
		panic(fmt.Sprintf("cic2017: no column %q: there are %q", name, f.names))
	}
	return f.cells[k][row]
}

// Scrub gives the flows without the columns of Meta, each on its own, whether the others are there or not; the rest in
// the order of Columns. external_ip is there in any case. Columns that are not in the list stay, by name.
func (f *Flows) Scrub() *Flows {
	names := slices.DeleteFunc(slices.Clone(f.names), func(name string) bool { return slices.Contains(Meta, name) || name == "external_ip" })
	slices.Sort(names)
	names = append(names, "external_ip")
	g := &Flows{names: names, rows: f.rows, left: f.left}
	for _, name := range names {
		cells := make([][]string, f.rows)
		if k := slices.Index(f.names, name); k >= 0 {
			cells = f.cells[k]
		}
		if name == Label {
			cells = spelled(cells)
		}
		g.cells = append(g.cells, cells)
	}
	return g
}

// spelled returns labels in their one spelling.
func spelled(cells [][]string) [][]string {
	seen := map[string][]string{}
	all := make([][]string, len(cells))
	for i, values := range cells {
		if len(values) != 1 {
			all[i] = values
			continue
		}
		known, ok := seen[values[0]]
		if !ok {
			label := flowcsv.LabelOf([]byte(values[0]))
			if label == flowcsv.Benign {
				label = Benign
			}
			known = []string{label}
			seen[values[0]] = known
		}
		all[i] = known
	}
	return all
}

// Append gives the flows of f and then those of g. A column that one of them lacks has no values there.
func (f *Flows) Append(g *Flows) *Flows {
	all := &Flows{names: slices.Clone(f.names), rows: f.rows + g.rows, left: f.left.plus(g.left)}
	for _, name := range g.names {
		if !slices.Contains(all.names, name) {
			all.names = append(all.names, name)
		}
	}
	for _, name := range all.names {
		var cells [][]string
		for _, part := range []*Flows{f, g} {
			if k := slices.Index(part.names, name); k >= 0 {
				cells = append(cells, part.cells[k]...)
			} else {
				cells = append(cells, make([][]string, part.rows)...)
			}
		}
		all.cells = append(all.cells, cells)
	}
	return all
}

// leastNumbers is how many of the columns of numbers flows must have to be some.
const leastNumbers = 10

// check finds what no later step could make anything of. where names a row.
func (f *Flows) check(where func(row int) string) error {
	numbers := 0
	for _, name := range Features() {
		if slices.Contains(f.names, name) {
			numbers++
		}
	}
	switch {
	case !slices.Contains(f.names, Label):
		return fmt.Errorf("no column %q: these are no netflows of CICIDS2017", Label)
	case numbers < leastNumbers:
		return fmt.Errorf("%d of the columns of numbers that CICFlowMeter writes: these are no netflows of CICIDS2017", numbers)
	}
	for _, name := range Columns {
		k := slices.Index(f.names, name)
		if k < 0 {
			continue
		}
		for i, values := range f.cells[k] {
			switch {
			case name == Label && len(values) > 1:
				return fmt.Errorf("%s: %d labels, want one", where(i), len(values))
			case slices.Contains(texts, name):
				continue
			}
			for _, v := range values {
				if _, err := strconv.ParseFloat(v, 64); err != nil && v != "" {
					return fmt.Errorf("%s: column %q: %q is not a number", where(i), name, v)
				}
			}
		}
	}
	return nil
}

// Table gives the flows as a table: whole numbers, numbers, which are NaN where one is missing, or text. Of a column
// with several values in a cell the text is as pandas prints it, "[1408, 1408]".
func (f *Flows) Table() *table.Table { return f.table(false) }

// Numbers is Table with the first of several values alone, so that a column of pairs is one of numbers.
func (f *Flows) Numbers() *table.Table { return f.table(true) }

func (f *Flows) table(first bool) *table.Table {
	columns := make([]table.Column, len(f.names))
	for k, name := range f.names {
		columns[k] = column(name, f.cells[k], first)
	}
	return table.New(columns...)
}

func column(name string, cells [][]string, first bool) table.Column {
	text := make([]string, len(cells))
	number, whole, some := !slices.Contains(texts, name), true, false
	for i, values := range cells {
		switch {
		case len(values) == 0:
		case len(values) == 1 || first:
			text[i] = values[0]
		default:
			text[i] = "[" + strings.Join(values, ", ") + "]"
		}
		if !number || text[i] == "" {
			whole = whole && text[i] != ""
			continue
		}
		some = true
		if _, err := strconv.ParseInt(text[i], 10, 64); err != nil {
			whole = false
			_, err := strconv.ParseFloat(text[i], 64)
			number = err == nil
		}
	}
	switch {
	case !number || !some:
		return table.Col(name, text)
	case whole:
		v := make([]int64, len(text))
		for i, t := range text {
			v[i], _ = strconv.ParseInt(t, 10, 64) // it was tried above
		}
		return table.Col(name, v)
	}
	v := make([]float64, len(text))
	for i, t := range text {
		if t == "" {
			t = "NaN"
		}
		v[i], _ = strconv.ParseFloat(t, 64) // it was tried above
	}
	return table.Col(name, v)
}
