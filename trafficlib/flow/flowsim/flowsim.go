// Package flowsim makes flow files in the shape of those of CSE-CIC-IDS2018, for benchmarks, tests
// and the bundled sample: with their columns, the way in which they write numbers, the labels with
// their published shares, repeated headers, infinities, a clock of twelve hours, dates of 1970, and
// the day with four more columns.
//
// Nothing in them was measured. A flow is drawn from a profile of its label (ports, durations,
// packets, lengths), and its other columns follow from those as CICFlowMeter computes them.
package flowsim

import (
	"bufio"
	"cmp"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Header is the published header, of 80 columns.
const Header = "Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Tot Bwd Pkts,TotLen Fwd Pkts,TotLen Bwd Pkts," +
	"Fwd Pkt Len Max,Fwd Pkt Len Min,Fwd Pkt Len Mean,Fwd Pkt Len Std,Bwd Pkt Len Max,Bwd Pkt Len Min," +
	"Bwd Pkt Len Mean,Bwd Pkt Len Std,Flow Byts/s,Flow Pkts/s,Flow IAT Mean,Flow IAT Std,Flow IAT Max," +
	"Flow IAT Min,Fwd IAT Tot,Fwd IAT Mean,Fwd IAT Std,Fwd IAT Max,Fwd IAT Min,Bwd IAT Tot,Bwd IAT Mean," +
	"Bwd IAT Std,Bwd IAT Max,Bwd IAT Min,Fwd PSH Flags,Bwd PSH Flags,Fwd URG Flags,Bwd URG Flags," +
	"Fwd Header Len,Bwd Header Len,Fwd Pkts/s,Bwd Pkts/s,Pkt Len Min,Pkt Len Max,Pkt Len Mean," +
	"Pkt Len Std,Pkt Len Var,FIN Flag Cnt,SYN Flag Cnt,RST Flag Cnt,PSH Flag Cnt,ACK Flag Cnt," +
	"URG Flag Cnt,CWE Flag Count,ECE Flag Cnt,Down/Up Ratio,Pkt Size Avg,Fwd Seg Size Avg," +
	"Bwd Seg Size Avg,Fwd Byts/b Avg,Fwd Pkts/b Avg,Fwd Blk Rate Avg,Bwd Byts/b Avg,Bwd Pkts/b Avg," +
	"Bwd Blk Rate Avg,Subflow Fwd Pkts,Subflow Fwd Byts,Subflow Bwd Pkts,Subflow Bwd Byts," +
	"Init Fwd Win Byts,Init Bwd Win Byts,Fwd Act Data Pkts,Fwd Seg Size Min,Active Mean,Active Std," +
	"Active Max,Active Min,Idle Mean,Idle Std,Idle Max,Idle Min,Label"

// WideHeader is the header of the day with 84 columns.
const WideHeader = "Flow ID,Src IP,Src Port,Dst IP," + Header

// A Label is a label and its share.
type Label struct {
	Name  string
	Share float64 // of the rows; they need not sum up to 1
	// The part of each day in which it occurs, from 0 at 8 h to 1 at 18 h: an attack with its
	// hours. With To at 0 it is the whole day.
	From, To float64
}

// weight returns the share at a part of the day.
func (l Label) weight(at float64) float64 {
	switch {
	case l.To == 0:
		return l.Share
	case at >= l.From && at < l.To:
		return l.Share / (l.To - l.From)
	}
	return 0
}

// Labels are those of the nine files that the original of notebook 4 loads, with the counts that it
// prints.
var Labels = []Label{
	{Name: "Benign", Share: 6112137}, {Name: "DDOS attack-HOIC", Share: 686012}, {Name: "DoS attacks-Hulk", Share: 461912},
	{Name: "Bot", Share: 286191}, {Name: "FTP-BruteForce", Share: 193360}, {Name: "SSH-Bruteforce", Share: 187589},
	{Name: "Infilteration", Share: 161934}, {Name: "DoS attacks-SlowHTTPTest", Share: 139890},
	{Name: "DoS attacks-GoldenEye", Share: 41508},
	{Name: "DoS attacks-Slowloris", Share: 10990}, {Name: "DDOS attack-LOIC-UDP", Share: 1730},
	{Name: "Brute Force -Web", Share: 611},
	{Name: "Brute Force -XSS", Share: 230}, {Name: "SQL Injection", Share: 87},
}

// LOIC is the label that the tenth file adds.
const LOIC = "DDoS attacks-LOIC-HTTP"

// A File describes the file to make.
type File struct {
	Rows    int
	Labels  []Label // nil means Labels
	Wide    bool    // with 84 columns
	Long    bool    // floats with all digits, as CICFlowMeter writes them; else fewer, as a spreadsheet saved most days
	Digits  int     // of floats without Long; 0 means 10
	Run     int     // the most flows of one label in a row; 0 means 20
	Headers int     // repeated in the middle
	Start   time.Time
	Days    int // over which the rows are spread, each from 8 to 18 h; 0 means 1
	Old     int // rows of 1970
	Seed    uint64
}

// Write writes the file.
func (f File) Write(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<18)
	rng := rand.New(rand.NewPCG(f.Seed, 2018))
	labels := f.Labels
	if labels == nil {
		labels = Labels
	}
	header := Header
	if f.Wide {
		header = WideHeader
	}
	b.WriteString(header + "\n")
	if f.Start.IsZero() {
		f.Start = time.Date(2018, 2, 14, 0, 0, 0, 0, time.UTC)
	}
	days := max(f.Days, 1)
	every := f.Rows + 1
	if f.Headers > 0 {
		every = f.Rows/(f.Headers+1) + 1
	}
	oldEvery := f.Rows + 1
	if f.Old > 0 {
		oldEvery = f.Rows/(f.Old+1) + 1
	}
	var line []byte
	g := &gen{rng: rng, long: f.Long, digits: cmp.Or(f.Digits, 10)}
	for i := range f.Rows {
		if i > 0 && i%every == 0 {
			b.WriteString(header + "\n")
		}
		at := float64(i) / float64(f.Rows) * float64(days)
		day := math.Floor(at)
		// A label: attacks come in runs in the published files, and so do they here.
		if g.run == 0 {
			total := 0.0
			for _, l := range labels {
				total += l.weight(at - day)
			}
			x := rng.Float64() * total
			for _, l := range labels {
				if l.weight(at-day) == 0 {
					continue
				}
				g.label = l.Name
				if x -= l.weight(at - day); x < 0 {
					break
				}
			}
			g.run = 1 + rng.IntN(cmp.Or(f.Run, 20))
		}
		g.run--
		clock := 8*time.Hour + time.Duration((at-day)*10*float64(time.Hour))
		when := f.Start.AddDate(0, 0, int(day)).Add(clock).Add(time.Duration(rng.IntN(120)-60) * time.Second)
		if i%oldEvery == oldEvery-1 {
			when = time.Date(1970, 1, 5+rng.IntN(8), 9, 10, 11, 0, time.UTC)
		}
		line = g.row(line[:0], when, f.Wide)
		if _, err := b.Write(line); err != nil {
			return err
		}
	}
	return b.Flush()
}

type gen struct {
	rng    *rand.Rand
	label  string
	run    int
	long   bool
	digits int
	b      []byte
}

func (g *gen) int(v int64) {
	g.b = strconv.AppendInt(g.b, v, 10)
	g.b = append(g.b, ',')
}

// num writes a number of a column of floats.
func (g *gen) num(v float64) {
	if math.Trunc(v) == v && math.Abs(v) < 1e15 {
		g.b = strconv.AppendInt(g.b, int64(v), 10)
		if g.long {
			g.b = append(g.b, ".0"...)
		}
		g.b = append(g.b, ',')
		return
	}
	switch {
	case math.IsInf(v, 0):
		g.b = append(g.b, "Infinity,"...)
		return
	case math.IsNaN(v):
		g.b = append(g.b, "NaN,"...)
		return
	}
	if g.long {
		g.b = strconv.AppendFloat(g.b, v, 'f', -1, 64)
	} else {
		g.b = strconv.AppendFloat(g.b, v, 'g', g.digits, 64)
	}
	g.b = append(g.b, ',')
}

func (g *gen) nums(v ...float64) {
	for _, x := range v {
		g.num(x)
	}
}

func (g *gen) ints(v ...float64) {
	for _, x := range v {
		g.int(int64(x))
	}
}

// row appends a flow.
func (g *gen) row(line []byte, when time.Time, wide bool) []byte {
	r := g.rng
	p := profileOf(g.label, r)
	fwd, bwd := p.fwd, p.bwd
	duration := p.duration
	fl, bl := sizes(r, fwd, p.fwdLen), sizes(r, bwd, p.bwdLen)
	g.b = line
	port, src := p.port, 1024+r.IntN(64000)
	if wide {
		from, to := "172.31."+strconv.Itoa(64+r.IntN(6))+"."+strconv.Itoa(1+r.IntN(250)),
			"18."+strconv.Itoa(200+r.IntN(50))+"."+strconv.Itoa(r.IntN(256))+"."+strconv.Itoa(r.IntN(256))
		g.b = append(g.b, strings.Join([]string{from, to, strconv.Itoa(src), strconv.Itoa(port),
			strconv.Itoa(p.proto)}, "-")...)
		g.b = append(g.b, ","+from+","+strconv.Itoa(src)+","+to+","...)
	}
	g.int(int64(port))
	g.int(int64(p.proto))
	h := when.Hour() % 12
	if h == 0 {
		h = 12
	}
	g.b = when.AppendFormat(g.b, "02/01/2006 ")
	g.b = append(g.b, byte('0'+h/10), byte('0'+h%10))
	g.b = when.AppendFormat(g.b, ":04:05,")
	if when.Year() == 1970 {
		duration = -duration * 1000
	}
	all := fl.join(bl)
	rate := func(x float64) float64 { return x * 1e6 / duration }
	iat := gaps(r, duration, fwd+bwd)
	fi, bi := gaps(r, duration*0.98, fwd), gaps(r, duration*0.95, bwd)
	g.ints(duration, float64(fwd), float64(bwd))
	g.nums(fl.sum, bl.sum, fl.max, fl.min, fl.mean(), fl.std(), bl.max, bl.min, bl.mean(), bl.std())
	g.nums(rate(all.sum), rate(float64(fwd+bwd)), iat.mean(), iat.std(), iat.max, iat.min)
	g.nums(fi.sum, fi.mean(), fi.std(), fi.max, fi.min, bi.sum, bi.mean(), bi.std(), bi.max, bi.min)
	psh := float64(r.IntN(2))
	head := 20.0
	if p.proto == 17 {
		head = 8
	}
	g.ints(0, 0, 0, 0, head*float64(fwd)+12*psh, head*float64(bwd))
	g.nums(rate(float64(fwd)), rate(float64(bwd)))
	g.nums(all.min, all.max, all.mean(), all.std(), all.std()*all.std())
	ratio := 0.0
	if fwd > 0 {
		ratio = float64(bwd / fwd)
	}
	g.ints(0, float64(r.IntN(2)), float64(r.IntN(2)), psh, 1-psh, 0, 0, 0)
	g.nums(ratio, all.sum/float64(fwd+bwd), fl.mean(), bl.mean())
	g.ints(0, 0, 0, 0, 0, 0, float64(fwd), fl.sum, float64(bwd), bl.sum)
	if p.proto == 6 {
		g.ints(float64([]int{8192, 65535, 26883, 225}[r.IntN(4)]), float64(r.IntN(65536)-1), float64(min(fwd, 1+fwd/2)), 20)
	} else {
		g.ints(-1, -1, 0, 8)
	}
	if duration > 6e7 {
		a, i := gaps(r, duration*0.1, 4), gaps(r, duration*0.9, 4)
		g.nums(a.mean(), a.std(), a.max, a.min, i.mean(), i.std(), i.max, i.min)
	} else {
		g.nums(0, 0, 0, 0, 0, 0, 0, 0)
	}
	g.b = append(g.b, g.label...)
	return append(g.b, '\n')
}
