package main

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
	"github.com/trafficlab/trafficlab/kernel/test/internal/soak"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// known lists verdicts that are known to be negative, with the reason.
var known = kerneltest.Known{}

func TestSoak(t *testing.T) {
	check(t, soak.Work{Rounds: 3, Shown: 100, Cells: 200})
}

// TestLiving checks the values of living sessions.
func TestLiving(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the living session is for linux/amd64")
	}
	check(t, soak.Work{Living: 150, Resets: 1, Kills: 5})
}

func check(t *testing.T, w soak.Work) {
	s := kerneltest.Sandbox(t)
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	r, err := soak.Run(ctx, s, client.Ours, w, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	var checks []kerneltest.Check
	for _, v := range r.Verdicts() {
		checks = append(checks, kerneltest.Check{Name: v.What, OK: v.OK, Words: v.Saw})
	}
	kerneltest.Report(t, checks, known)
}
