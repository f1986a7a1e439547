// Package original has the rules, the faults and the wordings of the five published experiments
// that the notebooks redo, so that the library need not have them: it is for comparing with what
// was published, and for nothing new.
//
//	llmhyy/tls_attack                      notebook 1
//	mgrubelic29/TCPAnomalyDetectionSeq2Seq notebook 2: SplitPackets, ConversationColumns, Log
//	davidciria/tma-prediction-tool         notebook 3: Volume, Drops
package original
