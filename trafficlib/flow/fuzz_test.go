package flow

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// For any packets, each one that counts is in one flow, the number of open flows stays within the
// limit, and joined pieces are whole.
func FuzzMeter(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef"), uint8(0))
	f.Add(bytes.Repeat([]byte{1, 2, 0x11, 0, 0, 7}, 40), uint8(37))
	f.Fuzz(func(t *testing.T, data []byte, how uint8) {
		r := Rules{Idle: 50 * time.Millisecond, Active: 400 * time.Millisecond, TCP: TCPEnd(how % 3),
			KeepDirection: how&8 > 0, Most: int(how>>4) + 1, Activity: true, Unit: time.Microsecond,
			Size: Size(how>>2) % 4, Late: Late(how >> 6 & 1), Linger: 100 * time.Millisecond}
		var packets []*capture.Packet
		at := int64(0)
		for ; len(data) >= 6; data = data[6:] {
			at += int64(int8(data[3])) * 1e6
			p := tcp(0, data[0]&1 > 0, capture.Flags(data[2]), int(data[5])*8)
			p.Nanos, p.Number = at, int64(len(packets))
			p.SrcPort += uint16(data[0] >> 5)
			p.Kind = [4]capture.Kind{capture.Decoded, capture.NotIP, capture.Fragment, capture.Short}[data[1]>>6&3]
			p.MoreFrag, p.ID = data[1]&16 > 0, uint32(data[0]>>6)
			p.Protocol = []uint8{6, 6, 17, 1}[data[1]>>5&3]
			packets = append(packets, p)
		}
		n := int64(0)
		m, err := NewMeter(r, func(f *Flow) {
			n += f.Packets()
			s := f.Sizes()
			if f.Packets() < 1 || f.Last < f.First || f.Gaps.N != f.Packets()-1 || f.Gaps.Sum != f.Duration() ||
				s.Variance() < 0 || f.Gaps.Variance() < 0 {
				t.Errorf("%+v", f)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			m.Add(p)
		}
		m.Close()
		if rep := m.Report(); rep.Packets+rep.Left+apart(r, rep) != int64(len(packets)) || n != rep.Packets ||
			rep.Peak > int64(r.Most) {
			t.Errorf("%v, %d packets in flows, peak %d of %d", rep, n, rep.Peak, r.Most)
		}
	})
}

// apart returns the number of packets that are late and in no flow.
func apart(r Rules, rep Report) int64 {
	if r.Late == LateApart {
		return rep.Late
	}
	return 0
}

// Any capture makes a table without a panic, in memory bounded by its size.
func FuzzRead(f *testing.F) {
	f.Add(captureOf(tcp(0, true, capture.SYN, 0), tcp(1, false, capture.SYN|capture.ACK, 0), tcp(2, true, capture.RST, 0)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range []Profile{NFStream, CICFlowMeter} {
			r, err := capture.NewReader(bytes.NewReader(data), "x")
			if err != nil {
				return
			}
			got, err := From(silent(t.Context()), p, r)
			if err != nil {
				t.Fatal(err)
			}
			if got.Report.Packets+got.Report.Left != got.Capture.Frames || int64(got.Table.NumRows()) != got.Report.Flows {
				t.Errorf("%v of %v", got.Report, got.Capture)
			}
			for _, name := range got.Table.Names() {
				if !got.Table.Text(name) &&
					slices.ContainsFunc(got.Table.Float64s(name), func(v float64) bool { return v != v || v-v != 0 }) {
					t.Errorf("%s is not finite", name)
				}
			}
		}
	})
}

// captureOf returns a capture of raw IP.
func captureOf(packets ...*capture.Packet) []byte {
	b := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0}
	for _, p := range packets {
		for _, v := range []uint32{uint32(p.Nanos / 1e9), uint32(p.Nanos % 1e9 / 1e3), uint32(p.IPLength),
			uint32(p.IPLength)} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		src, dst := p.Src.As4(), p.Dst.As4()
		b = append(b, 0x45, 0, byte(p.IPLength>>8), byte(p.IPLength), 0, 0, 0, 0, 64, p.Protocol, 0, 0)
		b = append(append(b, src[:]...), dst[:]...)
		b = append(b, byte(p.SrcPort>>8), byte(p.SrcPort), byte(p.DstPort>>8), byte(p.DstPort), 0, 0, 0, 0, 0, 0, 0, 0, 0x50,
			byte(p.Flags), 0, 9, 0, 0, 0, 0)
		b = append(b, make([]byte, p.Payload)...)
	}
	return b
}
