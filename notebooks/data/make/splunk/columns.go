package main

import (
	"math"
	"strconv"
)

// sums holds the statistics of a list of numbers, as in CICFlowMeter: the deviation is that of a
// sample.
type sums struct {
	n                         int
	total, min, max, mean, sd float64
}

func sum(x []float64) (s sums) {
	s.n = len(x)
	if s.n == 0 {
		return s
	}
	s.min, s.max = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		s.total, s.min, s.max = s.total+v, min(s.min, v), max(s.max, v)
	}
	s.mean = s.total / float64(s.n)
	if s.n > 1 {
		for _, v := range x {
			s.sd += (v - s.mean) * (v - s.mean)
		}
		s.sd = math.Sqrt(s.sd / float64(s.n-1))
	}
	return s
}

// gaps returns the times between consecutive packets.
func gaps(at []float64) (d []float64) {
	for i := 1; i < len(at); i++ {
		d = append(d, at[i]-at[i-1])
	}
	return d
}

// idle is the time without packets, in microseconds, after which a flow counts as idle.
const idle = 5e6

// activity returns the lengths of the active periods of a flow and of the pauses between them. As
// in CICFlowMeter, a flow without a pause has neither.
func activity(at []float64) (active, pauses []float64) {
	begin := 0
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] > idle {
			active, pauses = append(active, at[i-1]-at[begin]), append(pauses, at[i]-at[i-1])
			begin = i
		}
	}
	if len(pauses) > 0 {
		active = append(active, at[len(at)-1]-at[begin])
	}
	return active, pauses
}

// text formats a number with at most ten digits.
func text(v float64) string { return strconv.FormatFloat(v, 'g', 10, 64) }

// columns returns the numeric columns of a flow by their names in Splunk.
func columns(f flow) map[string]string {
	var all, fwd, bwd, sizes, fwdSizes, bwdSizes []float64
	flags := map[string]int{}
	data, pushed := 0, 0
	for _, p := range f.packets {
		at, size := math.Round(p.at), float64(p.payload)
		all, sizes = append(all, at), append(sizes, size)
		if p.forward {
			fwd, fwdSizes = append(fwd, at), append(fwdSizes, size)
			if p.payload > 0 {
				data++
			}
			if p.psh {
				pushed = 1
			}
		} else {
			bwd, bwdSizes = append(bwd, at), append(bwdSizes, size)
		}
		for name, set := range map[string]bool{
			"fin": p.fin,
			"syn": p.syn,
			"rst": p.rst,
			"psh": p.psh,
			"ack": f.protocol == 6 && !(p.syn && p.forward),
		} {
			if set {
				flags[name] = 1
			}
		}
	}
	header := 20 // bytes of the transport header
	if f.protocol == 17 {
		header = 8
	}
	duration := all[len(all)-1] - all[0]
	rate := func(n float64) string {
		if duration == 0 {
			return map[bool]string{true: "NaN", false: "Infinity"}[n == 0]
		}
		return text(n / duration * 1e6)
	}
	active, pauses := activity(all)
	s, sf, sb := sum(sizes), sum(fwdSizes), sum(bwdSizes)
	c := map[string]string{
		"flow_duration":               text(duration),
		"protocol":                    strconv.Itoa(f.protocol),
		"source_port":                 strconv.Itoa(f.srcPort),
		"destination_port":            strconv.Itoa(f.dstPort),
		"flow_bytes_per_s":            rate(s.total),
		"flow_packets_per_s":          rate(float64(s.n)),
		"fwd_packets_per_s":           rate(float64(sf.n)),
		"bwd_packets_per_s":           rate(float64(sb.n)),
		"fwd_psh_flags":               strconv.Itoa(pushed),
		"down_per_up_ratio":           strconv.Itoa(sb.n / max(sf.n, 1)),
		"average_packet_size":         text(s.total / float64(s.n)),
		"fwd_header_length":           strconv.Itoa(sf.n * header),
		"bwd_header_length":           strconv.Itoa(sb.n * header),
		"min_seg_size_forward":        strconv.Itoa(header),
		"packet_length_variance":      text(s.sd * s.sd),
		"act_data_pkt_fwd":            strconv.Itoa(data),
		"init_win_bytes_forward":      strconv.Itoa(f.window),
		"init_win_bytes_backward":     strconv.Itoa(f.answer),
		"max_packet_length":           text(s.max),
		"min_packet_length":           text(s.min),
		"packet_length_mean":          text(s.mean),
		"packet_length_std":           text(s.sd),
		"bwd_urg_flags":               "0",
		"fwd_urg_flags":               "0",
		"bwd_psh_flags":               "0",
		"urg_flag_count":              "0",
		"ece_flag_count":              "0",
		"cwe_flag_count":              "0",
		"total_fwd_packets":           strconv.Itoa(sf.n),
		"total_backward_packets":      strconv.Itoa(sb.n),
		"total_length_of_fwd_packets": text(sf.total),
		"total_length_of_bwd_packets": text(sb.total),
		"subflow_fwd_packets":         strconv.Itoa(sf.n),
		"subflow_bwd_packets":         strconv.Itoa(sb.n),
		"subflow_fwd_bytes":           text(sf.total),
		"subflow_bwd_bytes":           text(sb.total),
		"avg_fwd_segment_size":        text(sf.mean),
		"avg_bwd_segment_size":        text(sb.mean),
	}
	for _, name := range []string{"fin", "syn", "rst", "psh", "ack"} {
		c[name+"_flag_count"] = strconv.Itoa(flags[name])
	}
	for _, way := range []string{"fwd", "bwd"} {
		for _, name := range []string{"_avg_bytes_per_bulk", "_avg_packets_per_bulk", "_avg_bulk_rate"} {
			c[way+name] = "0"
		}
	}
	for name, s := range map[string]sums{
		"flow_iat":          sum(gaps(all)),
		"fwd_iat":           sum(gaps(fwd)),
		"bwd_iat":           sum(gaps(bwd)),
		"active":            sum(active),
		"idle":              sum(pauses),
		"fwd_packet_length": sf,
		"bwd_packet_length": sb,
	} {
		c[name+"_max"], c[name+"_min"], c[name+"_mean"], c[name+"_std"] = text(s.max), text(s.min), text(s.mean), text(s.sd)
		if name == "fwd_iat" || name == "bwd_iat" {
			c[name+"_total"] = text(s.total)
		}
	}
	return c
}
