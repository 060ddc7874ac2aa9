//go:build linux

package main

import (
	"fmt"
	"math"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// conn is one keep-alive connection: at most one request is under way on it.
type conn struct {
	fd       int
	buf      []byte
	busy     bool
	cell     int
	requests int // sent on it so far
	intended time.Time
	sent     time.Time
}

// loop owns everything of a run; it is used by one thread only.
type loop struct {
	plan    *plan
	epoll   int
	timer   int
	idle    []*conn
	conns   map[int]*conn
	due     []time.Time // intended send times that wait for a free connection
	next    int         // requests that have become due
	start   time.Time
	samples []sample
	lag     []time.Duration
	result  result
}

func newLoop(p *plan) *loop {
	return &loop{plan: p, conns: map[int]*conn{}}
}

func (l *loop) run(stop <-chan os.Signal) (*result, error) {
	var err error
	if l.epoll, err = syscall.EpollCreate1(0); err != nil {
		return nil, err
	}
	timer, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, 1 /* CLOCK_MONOTONIC */, syscall.O_NONBLOCK, 0)
	if errno != 0 {
		return nil, errno
	}
	l.timer = int(timer)
	if err = l.watch(l.timer); err != nil {
		return nil, err
	}
	l.start = time.Now()
	end := l.start.Add(l.plan.duration)
	events := make([]syscall.EpollEvent, 512)
	for {
		select {
		case <-stop:
			return l.finish(), nil
		default:
		}
		now := time.Now()
		sending := now.Before(end) && (l.plan.limit == 0 || l.next < l.plan.limit)
		if sending {
			l.offer(now)
		}
		l.send(now)
		waiting := len(l.due) + l.busy()
		if !sending && (waiting == 0 || now.After(end.Add(l.plan.grace))) {
			return l.finish(), nil
		}
		l.arm(now, sending)
		n, err := syscall.EpollWait(l.epoll, events, 100)
		if err != nil && err != syscall.EINTR {
			return nil, err
		}
		for _, event := range events[:max(n, 0)] {
			if fd := int(event.Fd); fd == l.timer {
				var ticks [8]byte
				_, _ = syscall.Read(l.timer, ticks[:])
			} else if c := l.conns[fd]; c != nil {
				l.receive(c)
			}
		}
	}
}

// offer makes requests due: by the clock in the open loop, by free connections in the closed one.
func (l *loop) offer(now time.Time) {
	if l.plan.spacing == 0 {
		for len(l.due)+l.busy() < l.plan.connections && (l.plan.limit == 0 || l.next < l.plan.limit) {
			l.due = append(l.due, now)
			l.next++
		}
		return
	}
	for l.plan.limit == 0 || l.next < l.plan.limit {
		at := l.start.Add(time.Duration(l.next) * l.plan.spacing)
		if at.After(now) || at.Sub(l.start) >= l.plan.duration {
			return
		}
		l.due = append(l.due, at)
		l.next++
	}
}

// send writes what is due on idle connections, and opens more up to the limit.
func (l *loop) send(now time.Time) {
	for len(l.due) > 0 {
		c := l.take()
		if c == nil {
			return
		}
		c.busy, c.intended, c.sent = true, l.due[0], now
		c.requests++
		l.due = l.due[1:]
		c.cell = l.result.Sent % len(l.plan.requests)
		l.result.Sent++
		l.lag = append(l.lag, max(0, now.Sub(c.intended)))
		request := l.plan.requests[c.cell]
		if n, err := syscall.Write(c.fd, request); err != nil || n != len(request) {
			l.fail(c, "write: "+reason(err))
		}
		l.result.PeakOpen = max(l.result.PeakOpen, l.busy())
	}
}

func (l *loop) take() *conn {
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c
	}
	if len(l.conns) >= l.plan.connections {
		return nil
	}
	c, err := l.connect()
	if err != nil {
		// The request that would have used it is lost, and so counted; the rest is tried again.
		l.result.Socket++
		l.because("connect: " + err.Error())
		l.result.Sent++
		l.sample(l.due[0], time.Now(), false)
		l.due = l.due[1:]
		return nil
	}
	return c
}

func (l *loop) connect() (*conn, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	// Blocking: over loopback it ends at once, by acceptance or by refusal, unless the backlog is full.
	timeout := syscall.Timeval{Sec: 1}
	_ = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &timeout)
	if err = syscall.Connect(fd, l.plan.target); err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err == nil {
		err = l.watch(fd)
	}
	if err != nil {
		_ = syscall.Close(fd)
		return nil, err
	}
	c := &conn{fd: fd, buf: make([]byte, 0, 4096)}
	l.conns[fd] = c
	return c, nil
}

func (l *loop) receive(c *conn) {
	var chunk [16384]byte
	for {
		n, err := syscall.Read(c.fd, chunk[:])
		if err == syscall.EAGAIN {
			return
		}
		if n <= 0 || err != nil {
			l.fail(c, "read: "+reason(err))
			return
		}
		c.buf = append(c.buf, chunk[:n]...)
		if !c.busy {
			l.fail(c, "an answer that nothing asked for")
			return
		}
		r, err := parse(c.buf)
		if err != nil {
			l.fail(c, err.Error())
			return
		}
		if r != nil {
			l.answered(c, r)
			return
		}
		if n < len(chunk) {
			return // the rest has not arrived; epoll reports it
		}
	}
}

func (l *loop) answered(c *conn, r *response) {
	good := false
	switch {
	case r.status != 200:
		l.result.Status++
	case !servedBy(r.body, l.plan.servers[c.cell]):
		l.result.Wrong++
	default:
		l.result.Answered++
		good = true
	}
	now := time.Now()
	l.samples = append(l.samples, sample{
		c.intended.Sub(l.start), now.Sub(c.intended), good, r.status == 503, now.Sub(c.sent),
	})
	c.busy = false
	if r.close || r.length != len(c.buf) {
		l.drop(c)
		return
	}
	c.buf = c.buf[:0]
	l.idle = append(l.idle, c)
}

// fail ends a connection; a request that was under way on it is an error.
func (l *loop) fail(c *conn, why string) {
	if c.busy {
		l.result.Socket++
		l.because(fmt.Sprintf("%s (request %d of its connection, %d bytes of the answer)", why, c.requests, len(c.buf)))
		l.sample(c.intended, time.Now(), false)
	}
	l.drop(c)
}

func (l *loop) sample(intended, ended time.Time, good bool) {
	l.samples = append(l.samples, sample{intended: intended.Sub(l.start), took: ended.Sub(intended), good: good})
}

// because counts the first few kinds of socket errors.
func (l *loop) because(why string) {
	if l.result.Why == nil {
		l.result.Why = map[string]int{}
	}
	if _, known := l.result.Why[why]; known || len(l.result.Why) < 10 {
		l.result.Why[why]++
	}
}

func reason(err error) string {
	if err == nil {
		return "closed by the server"
	}
	return err.Error()
}

func (l *loop) drop(c *conn) {
	delete(l.conns, c.fd)
	for i, other := range l.idle {
		if other == c {
			l.idle = append(l.idle[:i], l.idle[i+1:]...)
			break
		}
	}
	_ = syscall.Close(c.fd)
}

func (l *loop) busy() int { return len(l.conns) - len(l.idle) }

func (l *loop) watch(fd int) error {
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
	return syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd, &event)
}

// arm sets the timer to the next intended send.
func (l *loop) arm(now time.Time, sending bool) {
	if l.plan.spacing == 0 || !sending {
		return
	}
	wait := max(time.Nanosecond, l.start.Add(time.Duration(l.next)*l.plan.spacing).Sub(now))
	spec := [4]int64{0, 0, int64(wait / time.Second), int64(wait % time.Second)}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, uintptr(l.timer), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

func (l *loop) finish() *result {
	now := time.Now()
	for _, at := range l.due {
		l.sample(at, now, false)
	}
	l.result.Waiting = len(l.due)
	for _, c := range l.conns {
		if c.busy {
			l.sample(c.intended, now, false)
			l.result.Waiting++
		}
		_ = syscall.Close(c.fd)
	}
	l.result.Seconds = now.Sub(l.start).Seconds()
	l.result.Latency = windows(l.samples, []time.Duration{0, math.MaxInt64})[0].Latency
	if l.plan.window > 0 {
		l.result.Windows = windows(l.samples, evenly(l.plan.window, l.plan.duration))
	}
	if len(l.plan.phases) > 1 {
		l.result.Phases = windows(l.samples, l.plan.phases)
	}
	l.result.Admitted = answersOf(l.samples, l.plan.skip, l.plan.duration, func(s sample) bool { return s.good })
	l.result.Refused = answersOf(l.samples, l.plan.skip, l.plan.duration, func(s sample) bool { return s.refused })
	l.result.SendLag = percentiles(l.lag)
	return &l.result
}
