//go:build linux

package main

import (
	"testing"
	"time"
)

func TestParsesContentLength(t *testing.T) {
	buf := []byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcNEXT")
	r, err := parse(buf)
	if err != nil || r == nil || r.status != 200 || string(r.body) != "abc" || r.length != len(buf)-4 {
		t.Fatalf("%+v %v", r, err)
	}
}

func TestWaitsForTheRest(t *testing.T) {
	whole := "HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
	for i := range whole {
		if r, err := parse([]byte(whole[:i])); r != nil || err != nil {
			t.Fatalf("after %d bytes: %+v %v", i, r, err)
		}
	}
	r, err := parse([]byte(whole))
	if err != nil || r.status != 503 || string(r.body) != "abcde" || !r.close || r.length != len(whole) {
		t.Fatalf("%+v %v", r, err)
	}
}

func TestRefusesWhatIsNotHTTP(t *testing.T) {
	for _, bad := range []string{
		"SSH-2.0 here you are\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		if _, err := parse([]byte(bad)); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}

func TestPercentilesAreNearestRank(t *testing.T) {
	samples := make([]time.Duration, 1000)
	for i := range samples {
		samples[999-i] = time.Duration(i+1) * time.Microsecond
	}
	got := percentiles(samples)
	for name, want := range map[string]float64{"p50": 500, "p99": 990, "p99.9": 999, "max": 1000} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
}

func TestRefusesOtherHosts(t *testing.T) {
	if _, err := newPlan("192.0.2.1:80", "/", 3, 1); err == nil {
		t.Error("a host that is not loopback was accepted")
	}
}

func TestOnlyTheCellsOwnNameCounts(t *testing.T) {
	server := []byte(`"nginx-1"`)
	for body, want := range map[string]bool{
		`{"cellID": "1", "server": "nginx-1"}`:                                true,
		`{"upstream":"nginx-1","response":{"cellID":"1","server":"nginx-1"}}`: true,
		`{"upstream":"nginx-1","response":{"cellID":"2","server":"nginx-2"}}`: false,
		`{"upstream":"nginx-1","response":"nginx-1"}`:                         false,
		`{"server": "nginx-10"}`:                                              false,
	} {
		if got := servedBy([]byte(body), server); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}
