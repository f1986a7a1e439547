package soak

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/kit"
	"github.com/trafficlab/trafficlab/kernel/internal/probe"
	"github.com/trafficlab/trafficlab/kernel/internal/soak"
)

// known are verdicts that are known to be against our kernel, with the reason.
var known = kit.Known{}

func TestSoak(t *testing.T) {
	check(t, soak.Work{Rounds: 3, Shown: 100, Cells: 200})
}

// TestLiving checks the values of a living session.
func TestLiving(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the living session is for linux/amd64")
	}
	check(t, soak.Work{Living: 150, Resets: 1, Kills: 5})
}

func check(t *testing.T, w soak.Work) {
	s := kit.Stand(t)
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	r, err := soak.Run(ctx, s, probe.Ours, w, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	var checks []kit.Check
	for _, v := range r.Verdicts() {
		checks = append(checks, kit.Check{Name: v.What, OK: v.OK, Words: v.Saw})
	}
	kit.Report(t, checks, known)
}
