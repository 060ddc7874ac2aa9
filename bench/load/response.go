//go:build linux

package main

import (
	"bytes"
	"errors"
	"strconv"
)

// response is one complete HTTP/1.1 answer at the start of a buffer.
type response struct {
	status int
	body   []byte
	length int // bytes taken from the buffer
	close  bool
}

var errMalformed = errors.New("malformed response")

// parse returns nil while the answer is incomplete.
func parse(buf []byte) (*response, error) {
	end := bytes.Index(buf, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, nil
	}
	head := buf[:end]
	line, fields, _ := bytes.Cut(head, []byte("\r\n"))
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return nil, errMalformed
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return nil, errMalformed
	}
	r := &response{status: status, close: line[7] == '0'}
	length, chunked := -1, false
	for len(fields) > 0 {
		var field []byte
		field, fields, _ = bytes.Cut(fields, []byte("\r\n"))
		name, value, _ := bytes.Cut(field, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return nil, errMalformed
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			r.close = bytes.EqualFold(value, []byte("close"))
		}
	}
	rest := buf[end+4:]
	switch {
	case chunked:
		body, used, err := unchunk(rest)
		if err != nil || used == 0 {
			return nil, err
		}
		r.body, r.length = body, end+4+used
	case length < 0:
		return nil, errMalformed // it would end with the connection: no router here does that
	case len(rest) < length:
		return nil, nil
	default:
		r.body, r.length = rest[:length], end+4+length
	}
	return r, nil
}

// unchunk returns used == 0 while the last chunk has not arrived.
func unchunk(buf []byte) (body []byte, used int, err error) {
	for {
		line := bytes.Index(buf[used:], []byte("\r\n"))
		if line < 0 {
			return nil, 0, nil
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(buf[used:used+line])), 16, 31)
		if err != nil {
			return nil, 0, errMalformed
		}
		start := used + line + 2
		if len(buf) < start+int(size)+2 {
			return nil, 0, nil
		}
		if size == 0 {
			return body, start + 2, nil
		}
		body = append(body, buf[start:start+int(size)]...)
		used = start + int(size) + 2
	}
}

// servedBy tells whether the cell itself signed the answer: its "server" member, which a router
// passes on or wraps, and not a name that the router could have put in by itself.
func servedBy(body, server []byte) bool {
	_, value, found := bytes.Cut(body, []byte(`"server":`))
	return found && bytes.HasPrefix(bytes.TrimLeft(value, " "), server)
}
