//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"
)

// sample is what became of one request.
type sample struct {
	intended time.Duration // from the start of the run
	took     time.Duration // from the intended send; what is waiting has taken as long as it has waited
	good     bool          // answered with 200 by the right cell
	refused  bool          // answered with 503
	wire     time.Duration // from the send itself, on a connection that was free
}

// window is a part of a run: the requests that were meant to be sent in it.
type window struct {
	From    float64            `json:"from"` // seconds from the start
	To      float64            `json:"to"`
	Count   int                `json:"count"`
	Bad     int                `json:"bad"` // another status, another cell, no answer
	Latency map[string]float64 `json:"latency"`
}

// windows parts the samples at bounds, which rise from 0; what is meant for later is left out.
func windows(samples []sample, bounds []time.Duration) []window {
	found := make([]window, len(bounds)-1)
	latency := make([][]time.Duration, len(found))
	for i := range found {
		found[i].From, found[i].To = bounds[i].Seconds(), bounds[i+1].Seconds()
	}
	for _, s := range samples {
		for i := range found {
			if s.intended >= bounds[i] && s.intended < bounds[i+1] {
				found[i].Count++
				if !s.good {
					found[i].Bad++
				}
				latency[i] = append(latency[i], s.took)
				break
			}
		}
	}
	for i := range found {
		found[i].Latency = percentiles(latency[i])
	}
	return found
}

// evenly gives bounds that are one width apart, the last one at or behind the end.
func evenly(width, end time.Duration) []time.Duration {
	bounds := []time.Duration{0}
	for at := width; bounds[len(bounds)-1] < end; at += width {
		bounds = append(bounds, at)
	}
	return bounds
}

// parseCuts reads the ends of phases, "8s,23s,30s".
func parseCuts(text string) ([]time.Duration, error) {
	bounds := []time.Duration{0}
	if text == "" {
		return bounds, nil
	}
	for _, part := range strings.Split(text, ",") {
		at, err := time.ParseDuration(part)
		if err != nil || at <= bounds[len(bounds)-1] {
			return nil, fmt.Errorf("-cuts must be rising durations, not %q", text)
		}
		bounds = append(bounds, at)
	}
	return bounds, nil
}
