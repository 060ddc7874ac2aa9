//go:build linux

package main

import (
	"slices"
	"time"
)

// result is what is printed: counts, and latencies in microseconds.
type result struct {
	Seconds  float64            `json:"seconds"`       // from the first intended send to the last answer
	Sent     int                `json:"sent"`          // requests written to a connection
	Answered int                `json:"answered"`      // complete answers with status 200 from the right cell
	Status   int                `json:"status"`        // answers with another status
	Wrong    int                `json:"wrong"`         // 200, but not from the cell that was asked for
	Socket   int                `json:"socket"`        // connections refused, reset, or closed before the answer
	Why      map[string]int     `json:"why,omitempty"` // the kinds of socket errors
	Waiting  int                `json:"waiting"`       // due, but not answered when the run ended
	Latency  map[string]float64 `json:"latency"`       // from the intended send; what is waiting counts as long as it has waited
	SendLag  map[string]float64 `json:"send_lag"`      // how late requests were sent: the generator itself, and waiting for a connection
	Admitted answers            `json:"admitted"`      // with 200, by the right cell
	Refused  answers            `json:"refused"`       // with 503
	PeakOpen int                `json:"peak_open"`     // connections in use at once
	Windows  []window           `json:"windows,omitempty"`
	Phases   []window           `json:"phases,omitempty"`
}

// answers is what became of the requests that were answered in one way while requests were still
// being sent, after the beginning that is left out.
type answers struct {
	Count   int                `json:"count"`
	PerS    float64            `json:"per_s"`
	Latency map[string]float64 `json:"latency"` // from the intended send, so with the wait for a free connection
	Wire    map[string]float64 `json:"wire"`    // from the send itself: the server's part
}

func answersOf(samples []sample, from, to time.Duration, wanted func(sample) bool) answers {
	var took, wire []time.Duration
	for _, s := range samples {
		if ended := s.intended + s.took; wanted(s) && ended >= from && ended < to {
			took, wire = append(took, s.took), append(wire, s.wire)
		}
	}
	perS := float64(len(took)) / (to - from).Seconds()
	return answers{len(took), perS, percentiles(took), percentiles(wire)}
}

func percentiles(samples []time.Duration) map[string]float64 {
	if len(samples) == 0 {
		return nil
	}
	slices.Sort(samples)
	at := func(p float64) float64 {
		index := int(p*float64(len(samples))+0.9999999) - 1
		index = max(0, min(index, len(samples)-1))
		return float64(samples[index].Nanoseconds()) / 1000
	}
	return map[string]float64{
		"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p99.9": at(0.999),
		"max": float64(samples[len(samples)-1].Nanoseconds()) / 1000,
	}
}
