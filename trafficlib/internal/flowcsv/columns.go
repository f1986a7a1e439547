// Package flowcsv defines the contents of published flow files: which columns are the same
// under other names, what a label is, and which rows hold no flow.
//
// CICFlowMeter has spelled its columns in several ways: in the files of CICIDS2017 ("Total Fwd
// Packets"), in those of CSE-CIC-IDS2018 ("Tot Fwd Pkts"), in their corrected successors ("Total
// Fwd Packet"), and in its port to Python ("tot_fwd_pkts").
package flowcsv

import "strings"

// Role is what a column is for.
type Role uint8

// The roles.
const (
	Number Role = iota
	Port        // of the destination
	Protocol
	Time
	Label
	Text // an address
	Left // left out: the number of a row, a name made of other columns, a finding made later
)

// Key returns what the spellings of a column's name have in common.
func Key(name string) string {
	k := plain(name)
	if same, ok := spellings[k]; ok {
		return same
	}
	return k
}

// RoleOf returns the role of a column by its key.
func RoleOf(key string) Role { return roles[key] }

// Optional reports whether a file may lack a column that others have: it has no part in what a flow
// is like.
func Optional(key string) bool { return RoleOf(key) == Text || key == "srcport" }

// plain keeps the letters and digits of a name, and the dot before the number of a column that is
// there twice.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r > 127:
			return r
		}
		return -1
	}, name)
}

// roles has the columns that are not measurements, by their keys.
//
// CICIDS2017 has "Fwd Header Length" twice.
var roles = map[string]Role{
	"dstport": Port, "protocol": Protocol, "timestamp": Time, "label": Label,
	"srcip": Text, "dstip": Text, "externalip": Text,
	"flowid": Left, "srcmac": Left, "dstmac": Left, "fwdheaderlen.1": Left, "attemptedcategory": Left,
	"": Left, "unnamed0": Left, "unnamed0.1": Left, "id": Left, "index": Left, "level0": Left, "rowid": Left,
	"rownumber": Left, "no.": Left,
}

// spellings has the keys of CSE-CIC-IDS2018 by those of the others.
var spellings = map[string]string{
	"destinationport": "dstport", "sourceport": "srcport", "sourceip": "srcip", "destinationip": "dstip",
	"dstipaddress": "dstip", "srcipaddress": "srcip",

	"totalfwdpackets": "totfwdpkts", "totalfwdpacket": "totfwdpkts", "totalbackwardpackets": "totbwdpkts",
	"totalbwdpackets":         "totbwdpkts",
	"totallengthoffwdpackets": "totlenfwdpkts", "totallengthoffwdpacket": "totlenfwdpkts",
	"totallengthofbwdpackets": "totlenbwdpkts", "totallengthofbwdpacket": "totlenbwdpkts",

	"fwdpacketlengthmax": "fwdpktlenmax", "fwdpacketlengthmin": "fwdpktlenmin",
	"fwdpacketlengthmean": "fwdpktlenmean", "fwdpacketlengthstd": "fwdpktlenstd",
	"bwdpacketlengthmax": "bwdpktlenmax", "bwdpacketlengthmin": "bwdpktlenmin",
	"bwdpacketlengthmean": "bwdpktlenmean", "bwdpacketlengthstd": "bwdpktlenstd",
	"flowbytess": "flowbytss", "flowbytespers": "flowbytss", "flowpacketss": "flowpktss",
	"flowpacketspers": "flowpktss",
	"fwdpacketss":     "fwdpktss", "fwdpacketspers": "fwdpktss", "bwdpacketss": "bwdpktss",
	"bwdpacketspers": "bwdpktss",
	"fwdiattotal":    "fwdiattot", "bwdiattotal": "bwdiattot", "fwdheaderlength": "fwdheaderlen",
	"bwdheaderlength":   "bwdheaderlen",
	"fwdheaderlength.1": "fwdheaderlen.1",

	"minpacketlength": "pktlenmin", "maxpacketlength": "pktlenmax", "packetlengthmin": "pktlenmin",
	"packetlengthmax":  "pktlenmax",
	"packetlengthmean": "pktlenmean", "packetlengthstd": "pktlenstd", "packetlengthvariance": "pktlenvar",
	"finflagcount": "finflagcnt", "synflagcount": "synflagcnt", "rstflagcount": "rstflagcnt",
	"pshflagcount": "pshflagcnt",
	"ackflagcount": "ackflagcnt", "urgflagcount": "urgflagcnt", "eceflagcount": "eceflagcnt",
	"cwrflagcount": "cweflagcount", "cweflagcnt": "cweflagcount", "cwrflagcnt": "cweflagcount",
	"downperupratio": "downupratio", "averagepacketsize": "pktsizeavg",
	"avgfwdsegmentsize": "fwdsegsizeavg", "avgbwdsegmentsize": "bwdsegsizeavg",
	"fwdsegmentsizeavg": "fwdsegsizeavg", "bwdsegmentsizeavg": "bwdsegsizeavg",

	"fwdavgbytesbulk": "fwdbytsbavg", "fwdavgbytesperbulk": "fwdbytsbavg", "fwdbytesbulkavg": "fwdbytsbavg",
	"fwdavgpacketsbulk": "fwdpktsbavg", "fwdavgpacketsperbulk": "fwdpktsbavg", "fwdpacketbulkavg": "fwdpktsbavg",
	"fwdavgbulkrate": "fwdblkrateavg", "fwdbulkrateavg": "fwdblkrateavg",
	"bwdavgbytesbulk": "bwdbytsbavg", "bwdavgbytesperbulk": "bwdbytsbavg", "bwdbytesbulkavg": "bwdbytsbavg",
	"bwdavgpacketsbulk": "bwdpktsbavg", "bwdavgpacketsperbulk": "bwdpktsbavg", "bwdpacketbulkavg": "bwdpktsbavg",
	"bwdavgbulkrate": "bwdblkrateavg", "bwdbulkrateavg": "bwdblkrateavg",

	"subflowfwdpackets": "subflowfwdpkts", "subflowfwdbytes": "subflowfwdbyts",
	"subflowbwdpackets": "subflowbwdpkts", "subflowbwdbytes": "subflowbwdbyts",
	"initwinbytesforward": "initfwdwinbyts", "fwdinitwinbytes": "initfwdwinbyts",
	"initwinbytesbackward": "initbwdwinbyts", "bwdinitwinbytes": "initbwdwinbyts",
	"actdatapktfwd": "fwdactdatapkts", "minsegsizeforward": "fwdsegsizemin",
}
