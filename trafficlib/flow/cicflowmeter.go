package flow

import (
	"fmt"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// cicRules are CICFlowMeter's: flows end 120 s after they began, and with TCP's end; sizes are
// those of payloads.
var cicRules = Rules{Idle: -1, Active: 120 * time.Second, TCP: AtClose, KeepDirection: true,
	Size: Payload, Unit: time.Microsecond, Activity: true}

// CICFlowMeter has the columns of CICFlowMeter under the names of the CICIDS2017 files, without the
// second "Fwd Header Length" and the Label. Times are in microseconds, rates per second.
//
// It differs from the published program on purpose:
//   - Fwd Header Length stands once.
//   - Rates of flows without a duration are 0, not infinite or NaN.
//   - The Timestamp is a time, in UTC. The program writes text by a 12-hour clock without a.m. or
//     p.m., in local time.
//   - Padding up to the shortest frame of a link is not payload. The program counts 6 bytes for
//     each bare ACK on Ethernet.
//   - The first packet counts once in Min Packet Length to Average Packet Size and in
//     act_data_pkt_fwd. The program counts it twice in the former and not at all in the latter.
//   - A TCP flow ends as AtClose says, and late packets belong to it for Rules.Linger. The program
//     ends a flow with the first FIN and makes the rest a flow of its own, in the direction of
//     whatever comes first; Rules.TCP FirstFIN makes such flows.
//   - A flow that was cut after 120 s keeps its direction as in the program, but only if the next
//     packet comes within 120 s.
//   - Flows of one packet are rows. The program leaves them out.
//   - All IP protocols have flows and their own Protocol number, over IPv6 too. The program makes
//     one flow of protocol 0 between two hosts of ICMP and all others.
//   - Bulks count in their direction, by the rules of Bulks. In the program all are backward or 0,
//     and two columns hold another's values.
//   - Subflows end with a second without packets, and the columns are means. In the program each
//     packet ends one, or none does.
//   - Active and Idle times count once each. In the program a gap counts twice or not at all.
//   - Init_Win_bytes_backward is the window of the first packet, not the last. It is -1 if the flow
//     is not TCP or has no such packet.
//   - Down/Up Ratio is not rounded down.
//   - Flag counts stand under the names of their flags. Some published files have them shuffled.
//     CWE is CWR, spelled as in the files.
var CICFlowMeter = Profile{Rules: cicRules, columns: cicColumns(0)}

// CICFlowMeter2018 is CICFlowMeter under the short names of the CSE-CIC-IDS2018 files: their 79
// columns without the Label.
var CICFlowMeter2018 = Profile{Rules: cicRules, columns: cicColumns(1)}

// cicColumns makes the columns under the names of 2017 or 2018.
func cicColumns(names int) []column {
	var all []column
	name := func(old, short string) (string, bool) {
		n := [...]string{old, short}[names]
		return n, n != ""
	}
	number := func(old, short string, of func(*Flow) int64) {
		if n, ok := name(old, short); ok {
			all = append(all, whole(n, of))
		}
	}
	real := func(old, short string, of func(*Flow) float64) {
		if n, ok := name(old, short); ok {
			all = append(all, float(n, of))
		}
	}
	word := func(old string, of func(*Flow) string) {
		if names == 0 {
			all = append(all, text(old, of))
		}
	}
	type stats = func(*Flow) Stats
	mean := func(of stats) func(*Flow) float64 { return func(f *Flow) float64 { s := of(f); return s.Mean() } }
	std := func(of stats) func(*Flow) float64 { return func(f *Flow) float64 { s := of(f); return s.Std() } }
	high := func(of stats) func(*Flow) int64 { return func(f *Flow) int64 { return of(f).Max } }
	low := func(of stats) func(*Flow) int64 { return func(f *Flow) int64 { return of(f).Min } }
	sum := func(of stats) func(*Flow) int64 { return func(f *Flow) int64 { return of(f).Sum } }

	sizes, gaps := stats((*Flow).allSizes), stats(func(f *Flow) Stats { return f.Gaps })
	fwd := stats(func(f *Flow) Stats { return f.Forward.Sizes })
	bwd := stats(func(f *Flow) Stats { return f.Backward.Sizes })
	fwdGaps := stats(func(f *Flow) Stats { return f.Forward.Gaps })
	bwdGaps := stats(func(f *Flow) Stats { return f.Backward.Gaps })
	active := stats(func(f *Flow) Stats { return f.Activity.Active })
	idle := stats(func(f *Flow) Stats { return f.Activity.Idle })

	word("Flow ID", func(f *Flow) string {
		return fmt.Sprintf("%s-%s-%d-%d-%d", f.Src, f.Dst, f.SrcPort, f.DstPort, f.Protocol)
	})
	word("Source IP", func(f *Flow) string { return f.Src.String() })
	number("Source Port", "", func(f *Flow) int64 { return int64(f.SrcPort) })
	word("Destination IP", func(f *Flow) string { return f.Dst.String() })
	number("Destination Port", "Dst Port", func(f *Flow) int64 { return int64(f.DstPort) })
	number("Protocol", "Protocol", func(f *Flow) int64 { return int64(f.Protocol) })
	all = append(all, instant("Timestamp", (*Flow).Start))
	number("Flow Duration", "Flow Duration", func(f *Flow) int64 { return f.Duration() })
	number("Total Fwd Packets", "Tot Fwd Pkts", func(f *Flow) int64 { return f.Forward.Sizes.N })
	number("Total Backward Packets", "Tot Bwd Pkts", func(f *Flow) int64 { return f.Backward.Sizes.N })
	number("Total Length of Fwd Packets", "TotLen Fwd Pkts", sum(fwd))
	number("Total Length of Bwd Packets", "TotLen Bwd Pkts", sum(bwd))
	number("Fwd Packet Length Max", "Fwd Pkt Len Max", high(fwd))
	number("Fwd Packet Length Min", "Fwd Pkt Len Min", low(fwd))
	real("Fwd Packet Length Mean", "Fwd Pkt Len Mean", mean(fwd))
	real("Fwd Packet Length Std", "Fwd Pkt Len Std", std(fwd))
	number("Bwd Packet Length Max", "Bwd Pkt Len Max", high(bwd))
	number("Bwd Packet Length Min", "Bwd Pkt Len Min", low(bwd))
	real("Bwd Packet Length Mean", "Bwd Pkt Len Mean", mean(bwd))
	real("Bwd Packet Length Std", "Bwd Pkt Len Std", std(bwd))
	real("Flow Bytes/s", "Flow Byts/s", func(f *Flow) float64 { return f.rate(f.Bytes()) })
	real("Flow Packets/s", "Flow Pkts/s", func(f *Flow) float64 { return f.rate(f.Packets()) })
	real("Flow IAT Mean", "Flow IAT Mean", mean(gaps))
	real("Flow IAT Std", "Flow IAT Std", std(gaps))
	number("Flow IAT Max", "Flow IAT Max", high(gaps))
	number("Flow IAT Min", "Flow IAT Min", low(gaps))
	number("Fwd IAT Total", "Fwd IAT Tot", sum(fwdGaps))
	real("Fwd IAT Mean", "Fwd IAT Mean", mean(fwdGaps))
	real("Fwd IAT Std", "Fwd IAT Std", std(fwdGaps))
	number("Fwd IAT Max", "Fwd IAT Max", high(fwdGaps))
	number("Fwd IAT Min", "Fwd IAT Min", low(fwdGaps))
	number("Bwd IAT Total", "Bwd IAT Tot", sum(bwdGaps))
	real("Bwd IAT Mean", "Bwd IAT Mean", mean(bwdGaps))
	real("Bwd IAT Std", "Bwd IAT Std", std(bwdGaps))
	number("Bwd IAT Max", "Bwd IAT Max", high(bwdGaps))
	number("Bwd IAT Min", "Bwd IAT Min", low(bwdGaps))
	number("Fwd PSH Flags", "Fwd PSH Flags", func(f *Flow) int64 { return f.Forward.Flag(capture.PSH) })
	number("Bwd PSH Flags", "Bwd PSH Flags", func(f *Flow) int64 { return f.Backward.Flag(capture.PSH) })
	number("Fwd URG Flags", "Fwd URG Flags", func(f *Flow) int64 { return f.Forward.Flag(capture.URG) })
	number("Bwd URG Flags", "Bwd URG Flags", func(f *Flow) int64 { return f.Backward.Flag(capture.URG) })
	number("Fwd Header Length", "Fwd Header Len", func(f *Flow) int64 { return f.Forward.Headers })
	number("Bwd Header Length", "Bwd Header Len", func(f *Flow) int64 { return f.Backward.Headers })
	real("Fwd Packets/s", "Fwd Pkts/s", func(f *Flow) float64 { return f.rate(f.Forward.Sizes.N) })
	real("Bwd Packets/s", "Bwd Pkts/s", func(f *Flow) float64 { return f.rate(f.Backward.Sizes.N) })
	number("Min Packet Length", "Pkt Len Min", low(sizes))
	number("Max Packet Length", "Pkt Len Max", high(sizes))
	real("Packet Length Mean", "Pkt Len Mean", mean(sizes))
	real("Packet Length Std", "Pkt Len Std", std(sizes))
	real("Packet Length Variance", "Pkt Len Var", func(f *Flow) float64 { s := sizes(f); return s.Variance() })
	for _, c := range []struct {
		old, short string
		flag       capture.Flags
	}{
		{"FIN Flag Count", "FIN Flag Cnt", capture.FIN}, {"SYN Flag Count", "SYN Flag Cnt", capture.SYN},
		{"RST Flag Count", "RST Flag Cnt", capture.RST}, {"PSH Flag Count", "PSH Flag Cnt", capture.PSH},
		{"ACK Flag Count", "ACK Flag Cnt", capture.ACK}, {"URG Flag Count", "URG Flag Cnt", capture.URG},
		{"CWE Flag Count", "CWE Flag Count", capture.CWR}, {"ECE Flag Count", "ECE Flag Cnt", capture.ECE},
	} {
		number(c.old, c.short, func(f *Flow) int64 { return f.Flag(c.flag) })
	}
	real("Down/Up Ratio", "Down/Up Ratio", func(f *Flow) float64 { return ratio(f.Backward.Sizes.N, f.Forward.Sizes.N) })
	real("Average Packet Size", "Pkt Size Avg", mean(sizes))
	real("Avg Fwd Segment Size", "Fwd Seg Size Avg", mean(fwd))
	real("Avg Bwd Segment Size", "Bwd Seg Size Avg", mean(bwd))
	for _, d := range []struct {
		old, short string
		of         func(*Flow) *Bulks
	}{
		{"Fwd Avg ", "Fwd ", func(f *Flow) *Bulks { return &f.Activity.Forward }},
		{"Bwd Avg ", "Bwd ", func(f *Flow) *Bulks { return &f.Activity.Backward }},
	} {
		real(d.old+"Bytes/Bulk", d.short+"Byts/b Avg", func(f *Flow) float64 { return ratio(d.of(f).Bytes, d.of(f).Count) })
		real(d.old+"Packets/Bulk", d.short+"Pkts/b Avg", func(f *Flow) float64 {
			return ratio(d.of(f).Packets, d.of(f).Count)
		})
		real(d.old+"Bulk Rate", d.short+"Blk Rate Avg", func(f *Flow) float64 {
			return rate(d.of(f).Bytes, d.of(f).Duration, f.Unit)
		})
	}
	subflow := func(of func(*Flow) int64) func(*Flow) float64 {
		return func(f *Flow) float64 { return ratio(of(f), f.Activity.Subflows) }
	}
	real("Subflow Fwd Packets", "Subflow Fwd Pkts", subflow(func(f *Flow) int64 { return f.Forward.Sizes.N }))
	real("Subflow Fwd Bytes", "Subflow Fwd Byts", subflow(func(f *Flow) int64 { return f.Forward.Sizes.Sum }))
	real("Subflow Bwd Packets", "Subflow Bwd Pkts", subflow(func(f *Flow) int64 { return f.Backward.Sizes.N }))
	real("Subflow Bwd Bytes", "Subflow Bwd Byts", subflow(func(f *Flow) int64 { return f.Backward.Sizes.Sum }))
	number("Init_Win_bytes_forward", "Init Fwd Win Byts", func(f *Flow) int64 { return int64(f.Forward.Window) })
	number("Init_Win_bytes_backward", "Init Bwd Win Byts", func(f *Flow) int64 { return int64(f.Backward.Window) })
	number("act_data_pkt_fwd", "Fwd Act Data Pkts", func(f *Flow) int64 { return f.Forward.Data })
	number("min_seg_size_forward", "Fwd Seg Size Min", func(f *Flow) int64 { return int64(f.Forward.LeastHeader) })
	real("Active Mean", "Active Mean", mean(active))
	real("Active Std", "Active Std", std(active))
	number("Active Max", "Active Max", high(active))
	number("Active Min", "Active Min", low(active))
	real("Idle Mean", "Idle Mean", mean(idle))
	real("Idle Std", "Idle Std", std(idle))
	number("Idle Max", "Idle Max", high(idle))
	number("Idle Min", "Idle Min", low(idle))
	return all
}

func (f *Flow) allSizes() Stats { return f.Sizes() }

// rate returns how many of something there are in a second of the flow.
func (f *Flow) rate(n int64) float64 { return rate(n, f.Duration(), f.Unit) }

func rate(n, duration int64, unit time.Duration) float64 {
	if duration <= 0 {
		return 0
	}
	return float64(n) / (float64(duration) * unit.Seconds())
}

// ratio returns a/b, and 0 for b = 0.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
