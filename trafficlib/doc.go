// Package trafficlib is the front page of a library for machine learning on network traffic:
// recurrent models (LSTM and GRU) on GoMLX and XLA, and all that leads from packets and flows to
// them. It has no code of its own; its folders follow the data:
//
//	source ──▶ capture ──▶ feature ──▶ data ──▶ model ──▶ result
//	                  └──▶  flow   ─────┘
//
// A reader turns foreign files into one of two things. Packets and series become a sequence set
// (package data/seq), one sequence of rows for each session, conversation or day; with their parts
// and labels, the names of the features and the encoder, a set is a whole experiment in one file.
// Flows become a flow table, one row for each flow, out of which windows of consecutive flows
// become sequences too. Models learn from sequences alone, so that any of them learns from any
// reader.
//
//	source    find and download files; search a Splunk
//	capture   read the packets of captures, live streams and folders
//	flow      aggregate packets into flows, load published ones (cic2017, cic2018), into flowtable
//	feature   make rows of numbers from packets: tlsfeat, conversation, volume
//	data      hold and encode numbers: table, parquet, encode, seq
//	model     train and run: rnn, fit, device, snapshot, stream, baseline
//	result    judge and show: score, chart, tensorboard
//	nb        help a notebook's cell: show a value, stop, find the work folder
//	progress  report on long work: implement a sink to show it in your own way
//	original  the rules and faults of the experiments that the notebooks redo, for comparison
//
// Where a new thing goes: a reader of packets to feature, of flows to flow, of a new archive to
// source; a network to model/rnn; a measure to result/score. Only model/device links XLA, and the
// readers link no model.
//
// Damaged input is refused with one line that names the file and the place. Long work takes a
// context, reports its progress to it, and can be stopped and resumed.
package trafficlib
