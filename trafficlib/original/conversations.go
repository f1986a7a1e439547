package original

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/feature/conversation"
)

// ConversationColumns are the columns that TCPAnomalyDetectionSeq2Seq keeps of conversations: all
// but addresses and the number of the frame.
var ConversationColumns = slices.Concat(
	[]string{conversation.Position, "timestamp", "protocol", "length", "src_port", "dst_port"}, conversation.Flags)

// SplitPackets divides packets as TCPAnomalyDetectionSeq2Seq does: the last ceil(test·n) of them,
// whatever they are, are cut off before both parts are cut into conversations. So training may have
// attacks in it, and these are seq.Train. It returns conversations with the column part.
func SplitPackets(packets *table.Table, r conversation.Rules, test float64) (*table.Table, error) {
	if packets.Has(conversation.Position) {
		return nil, errors.New("original: these are ready conversations, whose packets cannot be divided before they are cut")
	}
	before, after := cutOff(packets, test)
	train, err := conversation.Cut(before, r)
	if err != nil {
		return nil, fmt.Errorf("%w, for training", err)
	}
	rest, err := conversation.Cut(after, r)
	if err != nil {
		return nil, fmt.Errorf("%w, for testing", err)
	}
	parts := slices.Repeat([]string{seq.Train}, count(train))
	attacks := make([]string, count(rest))
	if rest.Has(conversation.Attack) {
		attacks = conversation.Attacks(rest)
	}
	for _, a := range attacks {
		if a == "" {
			parts = append(parts, seq.Test)
		} else {
			parts = append(parts, seq.Attack)
		}
	}
	return conversation.WithParts(table.Concat(train, rest), parts)
}

// cutOff cuts packets in two: the last ceil(share·n) are for testing, as scikit-learn's
// train_test_split rounds. It panics if share is not in 0 … 1.
func cutOff(t *table.Table, share float64) (train, test *table.Table) {
	if !(share >= 0 && share <= 1) {
		panic(fmt.Sprintf("original: a share of %v is not in 0 … 1", share))
	}
	n := t.NumRows() - int(math.Ceil(share*float64(t.NumRows())))
	return t.Slice(0, n), t.Slice(n, t.NumRows())
}

// count returns the number of conversations.
func count(t *table.Table) int { return len(t.Rows(conversation.Position, "0")) }
