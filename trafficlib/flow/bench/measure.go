package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow"

	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/stream"
)

// measureHere does a piece of work of ours.
func measureHere(work, path string) (m measurement, err error) {
	do := map[string]func(string) (measurement, error){
		"flows": flows, "cic": cic, "stream": streamed, "scores": scores,
	}[work]
	if do == nil {
		return m, fmt.Errorf("no work %q", work)
	}
	stop := benchkit.Start()
	m, err = do(path)
	if m.CPU == 0 {
		m.Cost = stop()
	}
	return m, err
}

func flows(path string) (m measurement, err error) {
	f, err := flow.Read(benchkit.Quiet(), flow.NFStream, path)
	if err != nil {
		return m, err
	}
	m.Count = [3]int64{f.Report.Packets, f.Report.Flows}
	for _, n := range table.Values[int64](f.Table, "bidirectional_bytes") {
		m.Count[2] += n
	}
	return m, nil
}

func cic(path string) (m measurement, err error) {
	f, err := flow.Read(benchkit.Quiet(), flow.CICFlowMeter, path)
	if err != nil {
		return m, err
	}
	m.Count = [3]int64{f.Report.Packets, f.Report.Flows}
	return m, nil
}

// streamed computes flows one at a time, with a small table of open flows.
func streamed(path string) (m measurement, err error) {
	r, err := capture.Open(path)
	if err != nil {
		return m, err
	}
	defer r.Close()
	rules := flow.NFStream.Rules
	rules.Most = 1 << 16
	meter, err := flow.NewMeter(rules, func(f *flow.Flow) {})
	if err != nil {
		return m, err
	}
	for p := range r.Packets() {
		meter.Add(p)
	}
	meter.Close()
	rep := meter.Report()
	m.Count = [3]int64{rep.Packets, rep.Flows, rep.Evicted()}
	m.Note = fmt.Sprintf("At most %d flows were open, which is the limit, and %d of %d were evicted.",
		rep.Peak, rep.Evicted(), rep.Flows)
	if rep.Evicted() == 0 {
		m.Note = fmt.Sprintf("At most %d flows were open; the limit is %d.", rep.Peak, rules.Most)
	}
	return m, nil
}

// scores scores packets with an untrained LSTM, which takes as long as a trained one.
func scores(path string) (m measurement, err error) {
	runtime.GOMAXPROCS(1)
	r, err := capture.Open(path)
	if err != nil {
		return m, err
	}
	defer r.Close()
	backend, err := device.Open("")
	if err != nil {
		return m, err
	}
	defer backend.Finalize()
	n := len(stream.Packets.Names)
	s, err := fit.New(rnn.Forecaster{Features: n, Hidden: 32, Dense: true}, 1)
	if err != nil {
		return m, err
	}
	st, err := stream.New(backend, s, stream.Options{MaxDelay: -1, Threshold: 1}, nil)
	if err != nil {
		return m, err
	}
	stop := benchkit.Start()
	if err := st.Run(context.Background(), r.Packets()); err != nil {
		return m, err
	}
	m.Cost = stop()
	st.Close()
	did := st.Scored()
	m.Count = [3]int64{did.Packets, st.Flows().Flows}
	m.Note = fmt.Sprintf("%d batches on %s.", did.Batches, backend.Name())
	return m, nil
}
