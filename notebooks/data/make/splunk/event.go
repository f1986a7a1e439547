package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2017"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// source is the file that Splunk has indexed, as the searches call it.
const source = "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX_clean.csv"

// event returns the i-th record of a result of Splunk: the fields of a flow and those that Splunk
// adds, sorted by name.
func event(f flow, i int) results.Record {
	at := time.Date(2017, 7, 7, 16, 11, 0, 0, time.UTC).Add(time.Duration(f.at) * time.Millisecond)
	values := map[string][]string{}
	var raw []string
	for name, v := range columns(f) {
		values[name] = []string{v}
	}
	values["label"], values["source_ip"], values["destination_ip"] = []string{f.label}, []string{f.src}, []string{f.dst}
	values["timestamp"] = []string{at.Format("2006-01-02T15:04:05.000")}
	values["flow_id"] = []string{fmt.Sprintf("%s-%s-%d-%d-%d", f.src, f.dst, f.srcPort, f.dstPort, f.protocol)}
	for _, name := range append([]string{"flow_id", "timestamp"}, cic2017.Columns...) {
		if v := values[name]; v != nil {
			raw = append(raw, v...)
		}
	}
	values["fwd_header_length"] = slices.Repeat(values["fwd_header_length"], 2) // the original file has this column twice
	for _, ip := range []string{f.src, f.dst} {
		if !strings.HasPrefix(ip, "192.168.") && !strings.HasPrefix(ip, "172.16.") {
			values["external_ip"] = []string{ip}
		}
	}
	line := strings.Join(raw, ",")
	for name, v := range map[string]string{
		"_raw":          line,
		"_time":         at.Format("2006-01-02T15:04:05.000-07:00"),
		"_indextime":    "1514764800",
		"_serial":       strconv.Itoa(i),
		"_bkt":          "cicids17~0~6B1F9E0C-0000-0000-0000-000000000000",
		"_cd":           fmt.Sprintf("0:%d", 1000+600*i),
		"_sourcetype":   "csv",
		"_subsecond":    fmt.Sprintf(".%03d", f.at%1000),
		"source":        source,
		"sourcetype":    "csv",
		"index":         "cicids17",
		"host":          "splunk",
		"splunk_server": "splunk",
		"linecount":     "1",
		"punct":         "...-...---,--::.,..",
		"timestartpos":  strconv.Itoa(strings.Index(line, ",") + 1),
		"timeendpos":    strconv.Itoa(strings.Index(line, ",") + 24),
		"date_hour":     "16",
		"date_minute":   "11",
		"date_second":   strconv.Itoa(at.Second()),
		"date_mday":     "7",
		"date_month":    "july",
		"date_year":     "2017",
		"date_wday":     "friday",
		"date_zone":     "0",
	} {
		values[name] = []string{v}
	}
	values["_si"] = []string{"splunk", "cicids17"}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var r results.Record
	for _, name := range names {
		r = append(r, results.Field{Name: name, Values: values[name]})
	}
	return r
}
