//go:build linux

package main

import (
	"testing"
	"time"
)

func TestEachRequestBelongsToTheWindowInWhichItWasMeantToBeSent(t *testing.T) {
	ms := time.Millisecond
	found := windows([]sample{
		{intended: 0, took: 1 * ms, good: true}, {intended: 999 * ms, took: 5_000 * ms, good: false}, // it ended in another window
		{intended: 1_000 * ms, took: 2 * ms, good: true},
		{intended: 3_000 * ms, took: 9 * ms, good: true}, // after the last
	}, []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second})
	if len(found) != 3 || found[0].Count != 2 || found[0].Bad != 1 || found[0].Latency["max"] != 5_000_000 {
		t.Errorf("%+v", found)
	}
	if found[1].Count != 1 || found[1].Bad != 0 || found[1].From != 1 || found[1].To != 2 {
		t.Errorf("%+v", found[1])
	}
	if found[2].Count != 0 || found[2].Latency != nil {
		t.Errorf("%+v", found[2])
	}
}

func TestAdmittedAndRefusedAreToldApart(t *testing.T) {
	ms := time.Millisecond
	samples := []sample{
		{intended: 0, took: 999 * ms, wire: 5 * ms, good: true}, // it ended in the beginning that is left out
		{intended: 500 * ms, took: 600 * ms, wire: 100 * ms, good: true},
		{intended: 1_500 * ms, took: 20 * ms, wire: 2 * ms, refused: true},
		{intended: 1_600 * ms, took: 30 * ms, wire: 3 * ms},              // a lost connection is neither
		{intended: 2_900 * ms, took: 200 * ms, wire: 1 * ms, good: true}, // after the end
	}
	good := answersOf(samples, time.Second, 3*time.Second, func(s sample) bool { return s.good })
	if good.Count != 1 || good.PerS != 0.5 || good.Latency["max"] != 600_000 || good.Wire["max"] != 100_000 {
		t.Errorf("%+v", good)
	}
	refused := answersOf(samples, time.Second, 3*time.Second, func(s sample) bool { return s.refused })
	if refused.Count != 1 || refused.Wire["p99"] != 2_000 {
		t.Errorf("%+v", refused)
	}
}

func TestBounds(t *testing.T) {
	if b := evenly(time.Second, 2500*time.Millisecond); len(b) != 4 || b[3] != 3*time.Second {
		t.Errorf("%v", b)
	}
	if b, err := parseCuts("8s,23s"); err != nil || len(b) != 3 || b[2] != 23*time.Second {
		t.Errorf("%v %v", b, err)
	}
	for _, bad := range []string{"8", "8s,8s", "0s", "8s,"} {
		if _, err := parseCuts(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestPhasesAndWindowsOfARun(t *testing.T) {
	addr := cellServer(t, func(request int) {
		if request == 50 { // meant to be sent at 0.49 s
			time.Sleep(300 * time.Millisecond)
		}
	})
	r := runPlan(t, addr, 0, func(p *plan) {
		p.spacing = 10 * time.Millisecond
		p.window, p.phases = 500*time.Millisecond, []time.Duration{0, 400 * time.Millisecond, time.Second}
	})
	if len(r.Windows) != 2 || r.Windows[0].Count != 50 || r.Windows[1].Count != 50 {
		t.Fatalf("%+v", r.Windows)
	}
	if len(r.Phases) != 2 || r.Phases[0].Count != 40 || r.Phases[0].Latency["p99"] > 200_000 || r.Phases[1].Latency["max"] < 280_000 {
		t.Errorf("%+v", r.Phases)
	}
}
