// Package cic2017 loads the flows of CICIDS2017: the published CSV files, and the answers of a
// Splunk that was fed with them.
//
// It takes CSV files, Splunk's answers as JSON (see splunk/results) and tables that pandas wrote as
// JSON, gzipped or not, and returns a flow table. Of a record of Splunk it takes the fields that
// are columns of a flow; what Splunk adds to an event is left out. A field with several values,
// such as the header length that the CSV files have twice, counts by its first.
//
// CSV files are loaded by package cic2018, whose loader knows the columns of both years in all of
// their spellings: what it says of labels, repeated headers, odd files and memory holds here. JSON
// files become CSV files first, within the memory of their longest record.
//
// Load refuses files that it cannot read and values that are not numbers, and names the file with
// the line or the record. Beside others, a file that cannot be read is left out and named.
//
// The data: Sharafaldin, Lashkari, Ghorbani, "Toward Generating a New Intrusion Detection Dataset
// and Intrusion Traffic Characterization", ICISSP 2018,
// https://www.unb.ca/cic/datasets/ids-2017.html.
package cic2017

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// BenignInSplunk is the label of benign flows in the published files, and so in a Splunk: in a flow
// table it is flowtable.Benign.
const BenignInSplunk = "BENIGN"

// Columns are the fields that a flow has in Splunk, in the order of the original's table: by name,
// and external_ip, which not every flow has, behind the others.
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

// Meta are the fields that an event has beside Columns: what Splunk adds, and what names a flow.
var Meta = []string{
	"flow_id", "timestamp",
	"date_mday", "source", "index", "sourcetype", "_subsecond", "linecount", "_bkt", "_raw", "date_month", "date_year",
	"_time", "timeendpos", "timestartpos", "date_hour", "date_minute", "_cd", "date_zone", "host", "_serial",
	"date_second", "_sourcetype", "date_wday", "splunk_server", "punct", "_indextime", "_si",
}

// Load loads files into the flow table at dst and opens it, with the options of cic2018.Load, whose
// promises hold here too. Names that end in .json or .json.gz are those of JSON files, all others
// of CSV files.
func Load(ctx context.Context, dst string, o cic2018.Options, paths ...string) (*flowtable.Table, error) {
	t, err := load(ctx, dst, o, paths)
	if err != nil {
		return nil, fmt.Errorf("cic2017: %w", err)
	}
	return t, nil
}

func load(ctx context.Context, dst string, o cic2018.Options, paths []string) (*flowtable.Table, error) {
	if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(dst), ".cic2017-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var files, odd, renamed []string
	for i, path := range paths {
		made := filepath.Join(dir, strconv.Itoa(i), filepath.Base(path)) // of the same name, for the report
		converted, err := prepare(ctx, made, path)
		switch {
		case err == nil && converted:
			files, renamed = append(files, made), append(renamed, made, path)
		case err == nil:
			files = append(files, path)
		case len(paths) == 1 || ctx.Err() != nil:
			return nil, err
		default:
			odd = append(odd, err.Error())
		}
	}
	if len(files) == 0 && len(odd) > 0 {
		return nil, fmt.Errorf("none of %d files can be read: %s", len(paths), strings.Join(odd, "; "))
	}
	o.Notes = slices.Concat(o.Notes, odd)
	t, err := cic2018.Load(ctx, dst, o, files...)
	if err != nil {
		return nil, errors.New(strings.NewReplacer(renamed...).Replace(strings.TrimPrefix(err.Error(), "cic2018: ")))
	}
	return t, nil
}

// prepare makes a plain CSV file at dst out of a file that is none, and reports whether it had to.
func prepare(ctx context.Context, dst, path string) (converted bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	magic := make([]byte, 2)
	zipped := false
	if n, _ := f.ReadAt(magic, 0); n == 2 {
		zipped = string(magic) == "\x1f\x8b"
	}
	open := func() (io.Reader, error) {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		if zipped {
			return gzip.NewReader(f)
		}
		return f, nil
	}
	isJSON := strings.HasSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".json")
	if !isJSON && !zipped {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
		return false, err
	}
	out, err := os.Create(dst)
	if err != nil {
		return false, err
	}
	defer out.Close()
	if isJSON {
		err = writeCSV(ctx, out, open)
	} else {
		var in io.Reader
		if in, err = open(); err == nil {
			_, err = io.Copy(out, in)
		}
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, out.Close()
}
