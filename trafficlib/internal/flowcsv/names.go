package flowcsv

import "strings"

// Names are the columns of a flow table, in order: CICFlowMeter's columns in snake case, as a
// Splunk that was fed with CICIDS2017 has them. The second "Fwd Header Length" of those files and
// the "Flow ID", which repeats five other columns, are left out.
var Names = strings.Fields(`
	source_ip source_port destination_ip destination_port protocol timestamp
	flow_duration total_fwd_packets total_backward_packets
	total_length_of_fwd_packets total_length_of_bwd_packets
	fwd_packet_length_max fwd_packet_length_min fwd_packet_length_mean fwd_packet_length_std
	bwd_packet_length_max bwd_packet_length_min bwd_packet_length_mean bwd_packet_length_std
	flow_bytes_per_s flow_packets_per_s flow_iat_mean flow_iat_std flow_iat_max flow_iat_min
	fwd_iat_total fwd_iat_mean fwd_iat_std fwd_iat_max fwd_iat_min
	bwd_iat_total bwd_iat_mean bwd_iat_std bwd_iat_max bwd_iat_min
	fwd_psh_flags bwd_psh_flags fwd_urg_flags bwd_urg_flags fwd_header_length bwd_header_length
	fwd_packets_per_s bwd_packets_per_s
	min_packet_length max_packet_length packet_length_mean packet_length_std packet_length_variance
	fin_flag_count syn_flag_count rst_flag_count psh_flag_count
	ack_flag_count urg_flag_count cwe_flag_count ece_flag_count
	down_per_up_ratio average_packet_size avg_fwd_segment_size avg_bwd_segment_size
	fwd_avg_bytes_per_bulk fwd_avg_packets_per_bulk fwd_avg_bulk_rate
	bwd_avg_bytes_per_bulk bwd_avg_packets_per_bulk bwd_avg_bulk_rate
	subflow_fwd_packets subflow_fwd_bytes subflow_bwd_packets subflow_bwd_bytes
	init_win_bytes_forward init_win_bytes_backward act_data_pkt_fwd min_seg_size_forward
	active_mean active_std active_max active_min idle_mean idle_std idle_max idle_min
	external_ip label`)

// byKey has the place in Names of each key.
var byKey = func() map[string]int {
	m := map[string]int{}
	for i, name := range Names {
		m[Key(name)] = i
	}
	return m
}()

// NameOf returns the name in Names of a column in any of its spellings, and of other columns the
// spelling itself.
func NameOf(spelling string) string {
	if i, ok := byKey[Key(spelling)]; ok {
		return Names[i]
	}
	return spelling
}

// Rank returns the place of a column in Names by any of its spellings, and len(Names) for a column
// that is not among them.
func Rank(spelling string) int {
	if i, ok := byKey[Key(spelling)]; ok {
		return i
	}
	return len(Names)
}
