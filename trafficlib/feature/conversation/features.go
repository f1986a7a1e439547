package conversation

import "github.com/trafficlab/trafficlab/trafficlib/data/encode"

// Port classes: the system ports, those that are registered with IANA, and the dynamic ones (RFC
// 6335 §6).
var (
	portClasses = []string{"well_known", "registered", "dynamic"}
	portLimits  = []float64{1024, 49152}
)

// Features returns how a packet becomes 25 features, in the order of TCPAnomalyDetectionSeq2Seq:
// timestamp and length as z-scores, ten flags, seven protocols, and three classes of each port.
// With zeroDynamic the features of dynamic ports are 0 for all packets, as there;
// (*encode.TableEncoder).Zeroed returns what that loses.
func Features(zeroDynamic bool) []encode.Column {
	parts := []encode.Column{encode.ZScore("timestamp"), encode.ZScore("length")}
	for _, flag := range Flags {
		parts = append(parts, encode.Flag(flag))
	}
	parts = append(parts, encode.OneHot("protocol", Known...))
	for _, port := range []string{"src_port", "dst_port"} {
		part := encode.Bins(port, port+"_type", portClasses, portLimits)
		if zeroDynamic {
			part = part.Zero("dynamic")
		}
		parts = append(parts, part)
	}
	return parts
}
