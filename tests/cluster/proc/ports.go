package proc

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
)

// Ports below this are left to services that people run themselves.
const firstPort = 12000

var (
	handedOutMu sync.Mutex
	handedOut   = map[int]net.Listener{} // port → what reserves it
)

// FreePort finds a TCP port of 127.0.0.1 that is free now and was not returned before, in this process or in another
// that runs: several clusters at once must not take each other's ports, also not while a component is down.
// It keeps out of the kernel's ephemeral range, whose ports an outgoing connection may take at any
// moment, also while a component that is to come back on its port is down.
func FreePort() (int, error) {
	handedOutMu.Lock()
	defer handedOutMu.Unlock()
	limit := ephemeralStart()
	for range 1000 {
		port := firstPort + rand.IntN(limit-firstPort)
		reservation := reserve(port)
		if reservation == nil {
			continue
		}
		if PortIsFree(port) {
			handedOut[port] = reservation
			return port, nil
		}
		reservation.Close()
	}
	return 0, errors.New("no free TCP port found on 127.0.0.1 in 1000 tries")
}

// ReleasePort lets FreePort return the port again.
func ReleasePort(port int) {
	handedOutMu.Lock()
	defer handedOutMu.Unlock()
	if reservation, ours := handedOut[port]; ours {
		reservation.Close()
	}
	delete(handedOut, port)
}

// reserve takes the port's name among the abstract sockets, which the kernel frees when its holder dies; nil if it is
// taken.
func reserve(port int) net.Listener {
	reservation, err := net.Listen("unix", fmt.Sprintf("@evenkeel-port-%d", port))
	if err != nil {
		return nil
	}
	return reservation
}

// PortIsFree tells whether a server could listen on the port of 127.0.0.1 now.
func PortIsFree(port int) bool {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

func ephemeralStart() int {
	const fallback = 32768 // Linux' default
	var first, last int
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return fallback
	}
	if _, err := fmt.Sscan(string(text), &first, &last); err != nil || first < firstPort+5000 {
		return fallback
	}
	return first
}
