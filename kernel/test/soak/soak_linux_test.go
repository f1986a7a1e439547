package soak

import (
	"testing"

	"github.com/trafficlab/trafficlab/internal/waits"
	"github.com/trafficlab/trafficlab/kernel/internal/kit"
	"github.com/trafficlab/trafficlab/kernel/internal/probe"
	"github.com/trafficlab/trafficlab/kernel/internal/soak"
)

// known are verdicts that are known to be against our kernel, with the reason.
var known = kit.Known{}

func TestSoak(t *testing.T) {
	s := kit.Stand(t)
	r, err := soak.Run(waits.Context(t), s, probe.Ours, soak.Work{Rounds: 3, Shown: 100, Cells: 200}, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	var checks []kit.Check
	for _, v := range r.Verdicts() {
		checks = append(checks, kit.Check{Name: v.What, OK: v.OK, Words: v.Saw})
	}
	kit.Report(t, checks, known)
}
