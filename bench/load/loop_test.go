//go:build linux

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// cellServer answers as nginx-1 whatever it is asked for; pause is called before each answer.
func cellServer(t *testing.T, pause func(request int)) string {
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		count++
		pause(count)
		if strings.Contains(string(body), `"3"`) {
			w.WriteHeader(http.StatusBadGateway)
		}
		fmt.Fprint(w, `{"server": "nginx-1"}`)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func runPlan(t *testing.T, addr string, cells int, adjust func(*plan)) *result {
	p, err := newPlan(addr, "/api", cells, 1)
	if err != nil {
		t.Fatal(err)
	}
	p.connections, p.duration, p.grace = 1, time.Second, time.Second
	adjust(p)
	if err := p.check(); err != nil {
		t.Fatal(err)
	}
	r, err := newLoop(p).run(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAStallIsPaidByAllThatHadToWait(t *testing.T) {
	addr := cellServer(t, func(request int) {
		if request == 100 {
			time.Sleep(300 * time.Millisecond)
		}
	})
	r := runPlan(t, addr, 0, func(p *plan) { p.spacing = 2 * time.Millisecond })
	if r.Answered != 500 || r.Waiting != 0 {
		t.Fatalf("%+v", r)
	}
	// 150 of the 500 requests became due during the stall: a tenth of all waited 200 ms or longer.
	if r.Latency["p90"] < 180_000 || r.Latency["p50"] > 100_000 {
		t.Errorf("latencies %v", r.Latency)
	}
}

func TestWhatIsNeverAnsweredIsWaiting(t *testing.T) {
	block := make(chan struct{})
	addr := cellServer(t, func(request int) {
		if request > 10 {
			<-block
		}
	})
	defer close(block)
	r := runPlan(t, addr, 0, func(p *plan) {
		p.spacing, p.duration, p.grace = 10*time.Millisecond, 300*time.Millisecond, 100*time.Millisecond
	})
	if r.Answered != 10 || r.Waiting != 20 || r.Latency["max"] < 200_000 {
		t.Errorf("%+v", r)
	}
}

func TestWrongCellsAndOtherStatusesAreErrors(t *testing.T) {
	addr := cellServer(t, func(int) {})
	r := runPlan(t, addr, 3, func(p *plan) { p.limit = 30 })
	if r.Answered != 10 || r.Wrong != 10 || r.Status != 10 || r.Socket != 0 {
		t.Errorf("%+v", r)
	}
}

func TestARefusedConnectionIsAnError(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	r := runPlan(t, addr, 0, func(p *plan) { p.spacing, p.duration = 10*time.Millisecond, 200*time.Millisecond })
	if r.Answered != 0 || r.Socket != 20 {
		t.Errorf("%+v", r)
	}
}

func TestAClosedConnectionIsAnErrorAndIsReplaced(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			c.Close()
		}
	}()
	r := runPlan(t, listener.Addr().String(), 0, func(p *plan) { p.limit = 5 })
	if r.Answered != 0 || r.Socket != 5 || r.Waiting != 0 {
		t.Errorf("%+v", r)
	}
}

func TestWaitingForAConnectionIsTheClientsOwn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	r := runPlan(t, strings.TrimPrefix(server.URL, "http://"), 0, func(p *plan) { p.spacing = 10 * time.Millisecond })
	// One connection, and twice as many requests as it can carry: half a second of them wait in the end.
	if r.Refused.Count < 20 || r.Admitted.Count != 0 || r.Refused.Wire["p50"] > 100_000 || r.Refused.Latency["max"] < 300_000 {
		t.Errorf("%+v", r)
	}
}
