package capture

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// TestLengths checks that the smallest length in any header counts, whatever follows in the frame.
func TestLengths(t *testing.T) {
	raw := frame(t, ip4(nil), push, payload)
	eth := make([]byte, 12)
	padding := bytes.Repeat([]byte{0xee}, 6)
	longer := bytes.Clone(raw) // an IP length that includes the padding
	longer[3] += byte(len(padding))
	pppoe := func(length int, ip []byte) []byte {
		return append(append(bytes.Clone(eth), 0x88, 0x64, 0x11, 0, 0, 1, byte(length>>8), byte(length), 0, 0x21),
			ip...)
	}
	snap := func(length int, ip []byte) []byte {
		return append(append(bytes.Clone(eth), byte(length>>8), byte(length), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), ip...)
	}
	cat := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, f := range map[string][]byte{
		"PPPoE, padded":                 pppoe(len(raw)+2, cat(raw, padding)),
		"PPPoE shorter than IP":         pppoe(len(raw)+2, cat(longer, padding)),
		"IP shorter than PPPoE":         pppoe(len(raw)+2+len(padding), cat(raw, padding)),
		"PPPoE longer than the frame":   pppoe(len(raw)+1000, raw),
		"PPPoE without a length":        pppoe(0, raw),
		"802.3 shorter than IP":         snap(len(raw)+8, cat(longer, padding)),
		"IP shorter than 802.3":         snap(len(raw)+8+len(padding), cat(raw, padding)),
		"802.3 longer than the frame":   snap(len(raw)+100, raw),
		"Ethernet with IP padded":       cat(eth, []byte{8, 0}, raw, padding),
		"IP longer than its frame":      cat(eth, []byte{8, 0}, longer),
		"802.3 in a VLAN, IP is longer": cat(eth, []byte{0x81, 0, 0, 7}, snap(len(raw)+8, cat(longer, padding))[12:]),
	} {
		got, report, err := all(pcap(t, layers.LinkTypeEthernet, f))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %v", name, report, err)
			continue
		}
		if p := got[0]; !p.TCP() || p.Payload != len(payload) || !bytes.Equal(p.Body, payload) ||
			p.IPLength != len(raw) {
			t.Errorf("%s: %v, %d bytes of payload in an IP packet of %d, want %d in %d", name, p.Kind, p.Payload,
				p.IPLength, len(payload), len(raw))
		}
	}
}
