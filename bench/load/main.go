//go:build linux

// Command load sends POST requests to one loopback address, either at a constant rate whatever the
// server does (an open loop) or as fast as a fixed number of connections allows (a closed loop).
//
// In the open loop a latency is counted from the moment a request was *meant* to be sent. A server
// that stalls therefore pays for all requests that had to wait meanwhile, and not only for the few
// that were on the wire (the "coordinated omission" of closed-loop tools).
//
// One thread, epoll and a timerfd: the machine is shared with the router and the cells, so the
// generator must be light, and the timers of the Go runtime are only good to a millisecond.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	addr := flag.String("addr", "", "loopback address and port, e.g. 127.0.0.1:8080")
	path := flag.String("path", "/api/route", "request path")
	rate := flag.Float64("rate", 0, "requests per second (0: closed loop, as fast as the connections allow)")
	connections := flag.Int("connections", 256, "most connections to keep open")
	duration := flag.Duration("duration", 10*time.Second, "how long requests are sent (at most 10m)")
	requests := flag.Int("requests", 0, "stop after this many requests (0: by duration alone)")
	cells := flag.Int("cells", 3, "cell IDs to take turns with, from 1; 0 sends every request for -cell")
	cell := flag.Int("cell", 1, "the one cell, when -cells is 0")
	grace := flag.Duration("grace", 2*time.Second, "how long to wait for the last answers")
	window := flag.Duration("window", 0, "also report parts of the run that are this long (0: none)")
	cuts := flag.String("cuts", "", "also report phases that end at these times, e.g. 8s,23s,30s")
	skip := flag.Duration("skip", 0, "leave this long a beginning out of what is told of admitted and refused requests")
	flag.Parse()

	plan, err := newPlan(*addr, *path, *cells, *cell)
	if err == nil {
		plan.connections = *connections
		plan.duration = *duration
		plan.grace = *grace
		plan.limit = *requests
		if *rate > 0 {
			plan.spacing = time.Duration(float64(time.Second) / *rate)
		}
		plan.window = *window
		plan.skip = *skip
		if plan.phases, err = parseCuts(*cuts); err == nil {
			err = plan.check()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)

	runtime.LockOSThread()
	result, err := newLoop(plan).run(stop)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		os.Exit(1)
	}
}

// plan is what to send, where to, and how long.
type plan struct {
	target      *syscall.SockaddrInet4
	requests    [][]byte // one prepared request for each cell
	servers     [][]byte // how the cell of that request names itself, quoted
	connections int
	spacing     time.Duration // between two sends; 0 in the closed loop
	duration    time.Duration
	grace       time.Duration
	limit       int
	window      time.Duration   // 0: none
	skip        time.Duration   // 0: nothing is left out
	phases      []time.Duration // bounds, from 0; fewer than two: none
}

func newPlan(addr, path string, cells, cell int) (*plan, error) {
	tcp, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil || addr == "" {
		return nil, fmt.Errorf("-addr must be an address and port, not %q", addr)
	}
	if !tcp.IP.IsLoopback() {
		return nil, fmt.Errorf("only loopback addresses may be loaded, not %s", tcp.IP)
	}
	p := &plan{target: &syscall.SockaddrInet4{Port: tcp.Port}}
	copy(p.target.Addr[:], tcp.IP.To4())
	first, last := 1, cells
	if cells == 0 {
		first, last = cell, cell
	}
	for id := first; id <= last; id++ {
		body := fmt.Sprintf(`{"cellID":"%d"}`, id)
		p.requests = append(p.requests, []byte(fmt.Sprintf(
			"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nX-Cell-ID: %d\r\nContent-Length: %d\r\n\r\n%s",
			path, addr, id, len(body), body)))
		p.servers = append(p.servers, []byte(fmt.Sprintf(`"nginx-%d"`, id)))
	}
	return p, nil
}

func (p *plan) check() error {
	switch {
	case p.connections < 1 || p.connections > 4096:
		return fmt.Errorf("-connections must be from 1 to 4096, not %d", p.connections)
	case p.window != 0 && p.window < 100*time.Millisecond:
		return fmt.Errorf("-window must be at least 100ms, not %s", p.window)
	case p.duration <= 0 || p.duration > 10*time.Minute:
		return fmt.Errorf("-duration must be up to 10m, not %s", p.duration)
	case p.skip < 0 || p.skip >= p.duration:
		return fmt.Errorf("-skip must be shorter than -duration, not %s", p.skip)
	case p.spacing != 0 && p.spacing < 10*time.Microsecond:
		return fmt.Errorf("-rate must be at most 100000")
	case len(p.requests) == 0:
		return fmt.Errorf("-cells must not be negative")
	}
	return nil
}
